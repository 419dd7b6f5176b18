import { readBy, writtenBy } from "@thalweg/kernels";
import type { RecordedCall } from "./recording";
import { type Slot, slotOf } from "./slot";

/** The uses of slots by the calls that are there. */
export class Uses {
  private readonly readers = new Map<Slot, Set<number>>();
  private readonly writers = new Map<Slot, Set<number>>();

  constructor(calls: readonly RecordedCall[]) {
    for (const [i, call] of calls.entries()) this.add(i, call);
  }

  add(i: number, { call }: RecordedCall): void {
    for (const view of readBy(call)) place(this.readers, slotOf(view)).add(i);
    for (const view of writtenBy(call)) place(this.writers, slotOf(view)).add(i);
  }

  remove(i: number, { call }: RecordedCall): void {
    for (const view of readBy(call)) place(this.readers, slotOf(view)).delete(i);
    for (const view of writtenBy(call)) place(this.writers, slotOf(view)).delete(i);
  }

  readersOf(slot: Slot): ReadonlySet<number> {
    return place(this.readers, slot);
  }

  writersOf(slot: Slot): ReadonlySet<number> {
    return place(this.writers, slot);
  }

  /** Whether a call between two others uses a slot. */
  isUsedBetween(slot: Slot, from: number, to: number, uses: "any" | "writes"): boolean {
    const isBetween = (i: number) => i > from && i < to;
    const found = (all: ReadonlySet<number>) => [...all].some(isBetween);
    return found(this.writersOf(slot)) || (uses === "any" && found(this.readersOf(slot)));
  }
}

function place(map: Map<Slot, Set<number>>, slot: Slot): Set<number> {
  const known = map.get(slot) ?? new Set();
  map.set(slot, known);
  return known;
}
