import type { Scattering, View } from "@thalweg/kernels";
import { collapse, Layout } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { noteIndex } from "../device/index-faults";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { elementsOf, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";
import { withoutDim } from "./gather";

/** The new value of an element, of the old one and another. */
const combined: Record<"sum" | Scattering, (old: string, value: string, isInt: boolean) => string> = {
  sum: (old, value) => `${old} + ${value}`,
  set: (_, value) => value,
  prod: (old, value) => `${old} * ${value}`,
  max: (old, value, isInt) => `${isInt ? "max" : "maximum_"}(${old}, ${value})`,
  min: (old, value, isInt) => `${isInt ? "min" : "minimum_"}(${old}, ${value})`,
};

/** Replaces an atomic by its combination with `value`, by compare-and-exchange. */
const update = (
  slot: number,
  type: string,
  next: (old: string) => string,
) => `var old = atomicLoad(&b${slot}[place]);
loop {
  let next = bitcast<u32>(${next(`bitcast<${type}>(old)`)});
  let result = atomicCompareExchangeWeak(&b${slot}[place], old, next);
  if (result.exchanged) { break; }
  old = result.old_value;
}`;

/**
 * Combines elements at indices with those that are there. Threads that write floats at the same index retry until each has
 * succeeded, so the order of the terms varies from run to run. Indices out of range are skipped, and the next read throws.
 */
export function scatter(
  gpu: Gpu,
  op: string,
  how: "sum" | Scattering,
  out: View,
  dim: number,
  index: View,
  src: View,
): void {
  const { shape, size } = index.layout;
  if (size === 0) return;
  const slots = new Slots();
  const [to, at, from] = [slots.add(out, true), slots.add(index), slots.add(src)];
  const notes = slots.addBlock(gpu.indexFaults.block, true);
  const [isIndexInt, isDataInt] = [isInt(index), isInt(src)];
  const elements = elementsOf(isIndexInt || isDataInt);
  const known = isIndexInt ? "isIntIndex_" : "isIndex_";
  /** Small tensors share a buffer. If the output is in it, all elements of that buffer are atomic. */
  const read = (slot: number, place: string, int: boolean) =>
    slot === to
      ? `bitcast<${scalarType(int)}>(atomicLoad(&b${slot}[${place}]))`
      : elements.load(int, `b${slot}[${place}]`);
  const source = new Layout(shape, src.layout.strides, src.layout.offset);
  const loops = collapse(shape, [withoutDim(out, dim, index), index.layout, source]);
  const walk = walkOf("w", loops.extents.length, 3);
  const kernel = gpu.cached(`scatter ${how} ${walk.rank} ${isIndexInt} ${isDataInt}`, slots, () => ({
    name: "scatter",
    bindings: slots
      .bindings(scalarType(isIndexInt || isDataInt))
      .map((binding, k) =>
        k === to || k === notes ? { type: "atomic<u32>" as const, written: true } : binding,
      ),
    fields: ["n: u32", "extent: u32", "call: u32", "step: i32", ...walk.fields],
    globals: noteIndex(notes, isIndexInt),
    body: `let i = thread;
if (i >= args.n) { return; }
${walk.code("i")}
let index = ${read(at, "wp1", isIndexInt)};
if (!${known}(index, args.extent)) {
  note_index(args.call, index);
  return;
}
let place = wp0 + i32(index) * args.step;
let value = ${read(from, "wp2", isDataInt)};
${
  isDataInt && how === "sum"
    ? `atomicAdd(&b${to}[place], bitcast<u32>(value));`
    : update(to, scalarType(isDataInt), (old) => combined[how](old, "value", isDataInt))
}`,
  }));
  const { recorder } = gpu;
  const extent = out.layout.shape[dim] ?? 1;
  recorder.u32(size);
  recorder.u32(extent);
  recorder.u32(gpu.indexFaults.call(op, extent));
  recorder.i32(out.layout.strides[dim] ?? 0);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, size);
}
