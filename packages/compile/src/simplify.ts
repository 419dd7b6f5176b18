import {
  execute,
  type KernelCall,
  readBy,
  type Storage,
  sameLayout,
  type View,
  withViews,
  writtenBy,
} from "@thalweg/kernels";
import type { RecordedCall } from "./recording";
import { type Slot, slotOf } from "./slot";

/** Whether a call computes the same at every run, from what it reads alone, and whole slots. */
function isPure({ call, numbers, drawn, isAgain }: RecordedCall): boolean {
  if (numbers !== undefined || drawn !== undefined || isAgain) return false;
  if (call.kind === "host" || call.kind === "random" || call.kind === "scatterAdd") return false;
  return writtenBy(call).every((view) => {
    const slot = slotOf(view);
    return slot.isInner && slot.writes === 1 && view.layout.isContiguous && view.layout.size === slot.size;
  });
}

/**
 * The calls without those that compute constants, which are run at once, and without those that compute what another one has
 * computed. Memory of constants is added to `memory`.
 */
export function simplified(calls: readonly RecordedCall[], memory: Storage[]): RecordedCall[] {
  const kept: RecordedCall[] = [];
  const replaced = new Map<Slot, Slot>();
  const seen = new Map<unknown, { call: KernelCall; at: number }[]>();
  const written = new Map<Slot, number>();
  const current = (view: View): View => {
    const slot = replaced.get(slotOf(view));
    return slot === undefined ? view : { storage: slot as unknown as Storage, layout: view.layout };
  };
  for (const recorded of calls) {
    const call = withViews(recorded.call, current);
    const now = { ...recorded, call };
    if (isPure(recorded)) {
      if (readBy(call).every((view) => isConstant(view))) {
        compute(call, memory);
        continue;
      }
      const key = "program" in call ? call.program : call.kind;
      const others = seen.get(key) ?? [];
      const same = others.find(
        ({ call: other, at }) =>
          isSameCall(other, call) && readBy(call).every((view) => (written.get(slotOf(view)) ?? -1) <= at),
      );
      if (same !== undefined) {
        const from = writtenBy(same.call);
        for (const [k, view] of writtenBy(call).entries()) replaced.set(slotOf(view), slotOf(from[k]!));
        continue;
      }
      seen.set(key, [...others, { call, at: kept.length }]);
    }
    for (const view of writtenBy(call)) written.set(slotOf(view), kept.length);
    kept.push(numbersKept(recorded, now));
  }
  return kept;
}

/** The call itself where nothing was replaced: others refer to it. */
function numbersKept(before: RecordedCall, after: RecordedCall): RecordedCall {
  return before.numbers === undefined && before.drawn === undefined && !before.isAgain
    ? after
    : Object.assign(before, { call: after.call });
}

const isConstant = (view: View) => !("origin" in view.storage) || slotOf(view).origin === "constant";

/** Runs a call now; its results are constants from then on. */
function compute(call: KernelCall, memory: Storage[]): void {
  for (const view of writtenBy(call)) {
    const slot = slotOf(view);
    const storage = slot.backend.allocate(slot.dtype, slot.size);
    storage.retain();
    memory.push(storage);
    slot.storage = storage;
    slot.origin = "constant";
  }
  execute(
    withViews(call, (view) =>
      "origin" in view.storage ? { storage: slotOf(view).storage, layout: view.layout } : view,
    ),
  );
}

function isSameCall(a: KernelCall, b: KernelCall): boolean {
  if (a.kind !== b.kind || a.backend !== b.backend) return false;
  const [x, y] = [operandsOf(a), operandsOf(b)];
  const isSame = (p: unknown, q: unknown): boolean => {
    if (typeof p !== "object" || typeof q !== "object" || p === null || q === null) return Object.is(p, q);
    if (Array.isArray(p) && Array.isArray(q))
      return p.length === q.length && p.every((v, i) => isSame(v, q[i]));
    if (!("layout" in p) || !("layout" in q)) return p === q;
    const [v, w] = [p as View, q as View];
    return v.storage === w.storage && sameLayout(v.layout, w.layout);
  };
  const outs = [writtenBy(a), writtenBy(b)];
  const isLike = (v: View, i: number) =>
    sameLayout(v.layout, outs[1]![i]!.layout) && v.storage.dtype === outs[1]![i]!.storage.dtype;
  return outs[0]!.length === outs[1]!.length && outs[0]!.every(isLike) && isSame(x, y);
}

/** Everything that a call depends on, its results left out. */
function operandsOf(call: KernelCall): readonly unknown[] {
  switch (call.kind) {
    case "map":
      return [call.program, call.inputs];
    case "rows":
      return [call.program, call.inputs, call.dim];
    case "reduce":
      return [call.program, call.inputs, call.dims];
    case "matmul":
      return [call.a, call.b, call.grouping, call.epilogue?.program, call.epilogue?.operands ?? []];
    case "host":
      return [call];
    default: {
      const out = writtenBy(call)[0];
      return call.args.filter((argument) => argument !== out);
    }
  }
}
