import {
  collapse,
  forEachOuter,
  isView,
  type Layout,
  type MapCall,
  type MapProgram,
  type View,
} from "@thalweg/kernels";
import type { RecordedCall } from "./recording";
import { type Slot, slotOf } from "./slot";
import { Uses } from "./uses";

/** The most elements of a sum whose slices are looked for: this takes time with each of them. */
const maxSize = 2 ** 22;

/** A tensor that is zero but for a slice. */
interface Padded {
  /** The numbers of the call that fills it and of the one that copies the slice into it. */
  readonly fill: number;
  readonly copy: number;
}

/** A map that is not computed again by the host. */
function asMap({ call, numbers, isAgain }: RecordedCall): MapCall | null {
  return call.kind === "map" && numbers === undefined && !isAgain && call.outputs.length === 1 ? call : null;
}

/** Whether a program adds its two inputs. */
function isSum({ inputs, outputs: [root] }: MapProgram): boolean {
  if (inputs !== 2 || root!.primitive?.name !== "add") return false;
  const [a, b] = root!.args as [typeof root, typeof root];
  return a!.input + b!.input === 1 && a!.input >= 0 && b!.input >= 0;
}

const isWhole = ({ layout, storage }: View) =>
  layout.isContiguous && layout.offset === 0 && layout.size === storage.size;

class Slices {
  private readonly given: readonly RecordedCall[];
  private readonly calls: (RecordedCall | null)[];
  private readonly uses: Uses;

  constructor(calls: readonly RecordedCall[]) {
    this.given = calls;
    this.calls = [...calls];
    this.uses = new Uses(calls);
  }

  merge(): RecordedCall[] {
    for (let i = this.calls.length - 1; i >= 0; i--) this.mergeInto(i);
    return this.calls.filter((call) => call !== null);
  }

  private sumAt(i: number): MapCall | null {
    const recorded = this.calls[i];
    const call = recorded ? asMap(recorded) : null;
    if (call === null || !isSum(call.program)) return null;
    return [...call.outputs, ...call.inputs].every((operand) => isView(operand) && isWhole(operand))
      ? call
      : null;
  }

  /** The calls that write a slot of the program that only this one reads; none for other slots. */
  private writersFor(slot: Slot, reader: number): readonly number[] {
    const readers = this.uses.readersOf(slot);
    return slot.isInner && readers.size === 1 && readers.has(reader) ? [...this.uses.writersOf(slot)] : [];
  }

  private paddedOf(writers: readonly number[]): Padded | null {
    if (writers.length !== 2) return null;
    const [fill, copy] = writers as [number, number];
    const [first, second] = [fill, copy].map((i) => this.calls[i] && asMap(this.calls[i]));
    if (!first?.program.copies || !second?.program.copies) return null;
    if (!Object.is(first.inputs[0], 0) || !isWhole(first.outputs[0]!) || !isView(second.inputs[0]!))
      return null;
    return { fill, copy };
  }

  /** The summands of a sum, with those of sums that are read by nothing else; null if one is not padded. */
  private summands(i: number, sums: number[], found: Padded[]): Padded[] | null {
    const sum = this.sumAt(i);
    if (sum === null) return null;
    sums.push(i);
    for (const input of sum.inputs as readonly View[]) {
      const writers = this.writersFor(slotOf(input), i);
      const padded = this.paddedOf(writers);
      if (padded !== null) found.push(padded);
      else if (writers.length !== 1 || this.summands(writers[0]!, sums, found) === null) return null;
    }
    return found;
  }

  private mergeInto(i: number): void {
    const sum = this.sumAt(i);
    if (sum === null) return;
    const target = sum.outputs[0]!;
    if (target.layout.size > maxSize) return;
    const sums: number[] = [];
    const summands = this.summands(i, sums, []);
    if (summands === null) return;
    const slot = slotOf(target);
    const first = Math.min(...summands.map(({ fill }) => fill));
    const isUsed = this.uses.isUsedBetween(slot, first - 1, i, "any");
    const slices = summands.map(({ copy }) => this.mapAt(copy).outputs[0]!.layout);
    const covered = coverage(slices, slot.size);
    if (isUsed || covered < 0) return;
    for (const { fill } of summands) this.calls[fill] = null;
    for (const at of sums) this.calls[at] = null;
    for (const { copy } of summands) {
      const call = this.mapAt(copy);
      const out = { storage: target.storage, layout: call.outputs[0]!.layout };
      // A sum with zero, as it was, makes 0 of -0.
      this.calls[copy] = {
        call: { ...call, program: sum.program, outputs: [out], inputs: [call.inputs[0]!, 0] },
      };
    }
    if (covered === slot.size) return;
    const fill = this.mapAt(first);
    this.calls[first] = { call: { ...fill, outputs: [target] } };
  }

  private mapAt(i: number): MapCall {
    return this.given[i]!.call as MapCall;
  }
}

/** The number of positions that layouts have together; -1 if two have the same one. */
function coverage(layouts: readonly Layout[], size: number): number {
  const isTaken = new Uint8Array(size);
  let count = 0;
  let isDisjoint = true;
  for (const layout of layouts) {
    if (layout.size === 0) continue;
    forEachOuter(collapse(layout.shape, [layout]), 0, ([position]) => {
      isDisjoint &&= isTaken[position!] === 0;
      isTaken[position!] = 1;
      count++;
    });
  }
  return isDisjoint ? count : -1;
}

/**
 * The calls with sums of padded slices, as the gradient of a tensor that was split has them, written slice by slice: none
 * is padded, and nothing is summed.
 */
export function withoutPadding(calls: readonly RecordedCall[]): RecordedCall[] {
  return new Slices(calls).merge();
}
