import { type KernelCall, readBy, writtenBy } from "@thalweg/kernels";
import { type Slot, slotOf } from "./slot";

/** Which calls have to run before which others, because of what they read and write. */
export class Order {
  /** For each call, a bit for each call that is before it. */
  private readonly before: Uint32Array[] = [];

  constructor(calls: readonly { readonly call: KernelCall }[]) {
    const uses = new Map<Slot, { writers: number[]; readers: number[] }>();
    const usesOf = (slot: Slot) => {
      const known = uses.get(slot) ?? { writers: [], readers: [] };
      uses.set(slot, known);
      return known;
    };
    for (const [i, { call }] of calls.entries()) {
      const own = new Uint32Array(Math.ceil(calls.length / 32));
      const [written, read] = [writtenBy(call).map(slotOf), readBy(call).map(slotOf)];
      const needed = [
        ...[...written, ...read].flatMap((slot) => usesOf(slot).writers),
        ...written.flatMap((slot) => usesOf(slot).readers),
      ];
      for (const j of needed) {
        own[j >> 5]! |= 1 << (j & 31);
        for (const [word, bits] of this.before[j]!.entries()) own[word]! |= bits;
      }
      this.before.push(own);
      for (const slot of read) usesOf(slot).readers.push(i);
      for (const slot of written) uses.set(slot, { writers: [...usesOf(slot).writers, i], readers: [] });
    }
  }

  /** Whether a call runs before another one in every order that is right. */
  isBefore(first: number, second: number): boolean {
    return (this.before[second]![first >> 5]! & (1 << (first & 31))) !== 0;
  }
}
