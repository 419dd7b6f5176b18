import {
  isView,
  type MapCall,
  type Operand,
  readBy,
  sameLayout,
  sameShape,
  sizeOf,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { joinAfterRows, joinEpilogue, joinIntoRows, joinMaps, joinReduction } from "./join";
import type { RecordedCall } from "./recording";
import { slotOf } from "./slot";
import { Uses } from "./uses";

/** The calls with those joined that can be one kernel. The bits stay: nothing is summed in another order. */
export function fused(given: readonly RecordedCall[]): RecordedCall[] {
  const calls: (RecordedCall | null)[] = [...given];
  const uses = new Uses(given);
  for (let i = 0; i < calls.length; i++) {
    // What a call was joined with may be joined with what is before it.
    for (let joined = true; joined; ) {
      joined = false;
      for (const p of producers(calls, uses, i)) {
        const [before, after] = [calls[p]!, calls[i]!];
        const result = join(before, after, p, i, uses);
        if (result === null) continue;
        uses.remove(p, before);
        uses.remove(i, after);
        uses.add(i, result);
        calls[p] = null;
        calls[i] = result;
        joined = true;
        break;
      }
    }
  }
  return calls.filter((call) => call !== null);
}

/** The calls whose results a map or a reduction reads. */
function producers(calls: readonly (RecordedCall | null)[], uses: Uses, i: number): number[] {
  const { call } = calls[i]!;
  if (call.kind !== "map" && call.kind !== "reduce" && call.kind !== "rows") return [];
  const found: number[] = [];
  for (const view of readBy(call)) {
    const producer = Math.max(...[...uses.writersOf(slotOf(view))].filter((writer) => writer < i));
    if (producer >= 0 && !found.includes(producer)) found.push(producer);
  }
  return found;
}

/** The call with views of this shape, in whose row-major order its elements are; null where a view has none. */
function reshaped(call: MapCall, shape: readonly number[]): MapCall | null {
  const { outputs, inputs } = call;
  const own = outputs[0]!.layout;
  if (sameShape(own.shape, shape)) return call;
  if (own.size !== sizeOf(shape)) return null;
  const replace = ({ storage, layout }: View): View | null => {
    const other = layout.reshape(shape);
    return other && { storage, layout: other };
  };
  const to = outputs.map(replace);
  const from = inputs.map((input) => (isView(input) ? replace(input) : input));
  if ([...to, ...from].includes(null)) return null;
  return { ...call, outputs: to as View[], inputs: from as Operand[] };
}

function join(
  before: RecordedCall,
  given: RecordedCall,
  p: number,
  i: number,
  uses: Uses,
): RecordedCall | null {
  const first = before.call;
  if (
    given.call.kind === "map" &&
    (first.kind === "map" || first.kind === "matmul" || first.kind === "rows")
  ) {
    const call = reshaped(given.call, writtenBy(first)[0]!.layout.shape);
    if (call !== null) return joinLike(before, { ...given, call, source: given.source ?? given }, p, i, uses);
  }
  return joinLike(before, given, p, i, uses);
}

function joinLike(
  before: RecordedCall,
  after: RecordedCall,
  p: number,
  i: number,
  uses: Uses,
): RecordedCall | null {
  const [first, second] = [before.call, after.call];
  if (before.numbers !== undefined || before.drawn !== undefined || before.isAgain || after.isAgain)
    return null;
  if (first.backend !== second.backend || !isOneWidth(first, second)) return null;
  if (first.kind !== "map" && first.kind !== "matmul" && first.kind !== "rows") return null;
  // The first call runs later from now on: nobody may have overwritten what it reads, nor need what it writes.
  for (const view of readBy(first)) if (uses.isUsedBetween(slotOf(view), p, i, "writes")) return null;
  for (const view of writtenBy(first)) if (uses.isUsedBetween(slotOf(view), p, i, "any")) return null;
  // What the second call overwrites must be the same element for both.
  const areMaps = first.kind === "map" && second.kind === "map";
  for (const { storage, layout } of [...readBy(first), ...writtenBy(first)]) {
    const clashes = (view: View) => view.storage === storage && !(areMaps && sameLayout(view.layout, layout));
    if (writtenBy(second).some(clashes)) return null;
  }
  const isWanted = (output: View) => {
    const slot = slotOf(output);
    return !slot.isInner || [...uses.readersOf(slot)].some((reader) => reader > p && reader !== i);
  };
  if (first.kind === "map" && second.kind === "map") {
    // Numbers that change are told apart by their order.
    if (after.numbers !== undefined && !first.inputs.every(isView)) return null;
    const joined = joinMaps(first, second, isWanted);
    return joined && { ...after, call: joined, source: after.source ?? after };
  }
  if (after.numbers !== undefined) return null;
  if (first.kind === "rows") {
    const joined = second.kind === "map" ? joinAfterRows(first, second, isWanted) : null;
    return joined && { call: joined };
  }
  if (writtenBy(first).some(isWanted)) return null;
  if (first.kind === "map" && second.kind === "reduce") return joinReduction(first, second);
  if (first.kind === "map" && second.kind === "rows") {
    const joined = joinIntoRows(first, second);
    return joined && { call: joined };
  }
  if (first.kind === "matmul" && second.kind === "map") return joinEpilogue(first, second);
  return null;
}

/** Whether both are of float64, or neither: between them, results are rounded. */
function isOneWidth(first: RecordedCall["call"], second: RecordedCall["call"]): boolean {
  const views = [first, second].flatMap((call) => [...writtenBy(call), ...readBy(call)]);
  const wide = views.filter(({ storage }) => storage.dtype === "float64").length;
  return wide === 0 || wide === views.length;
}
