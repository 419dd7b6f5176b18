import type { View } from "@thalweg/kernels";
import { collapse, Layout } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { noteIndex } from "../device/index-faults";
import { Slots } from "../device/slots";
import { isInt } from "../device/storage";
import { elementsOf, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";

/** The layout of `view` in the shape of `index`, with stride 0 along `dim`. */
export function withoutDim({ layout }: View, dim: number, index: View): Layout {
  const { shape } = index.layout;
  return new Layout(shape, shape.length === 0 ? [] : layout.strides.with(dim, 0), layout.offset);
}

/** Gathers elements. Where an index is out of range the result is NaN (0 for ints), and the next read throws. */
export function gather(gpu: Gpu, op: string, out: View, input: View, dim: number, index: View): void {
  const { shape, size } = index.layout;
  if (size === 0) return;
  const slots = new Slots();
  const [to, at, from] = [slots.add(out, true), slots.add(index), slots.add(input)];
  const notes = slots.addBlock(gpu.indexFaults.block, true);
  const loops = collapse(shape, [out.layout, index.layout, withoutDim(input, dim, index)]);
  const walk = walkOf("w", loops.extents.length, 3);
  const [isIndexInt, isDataInt] = [isInt(index), isInt(input)];
  const elements = elementsOf(isIndexInt || isDataInt);
  const known = isIndexInt ? "isIntIndex_" : "isIndex_";
  const kernel = gpu.cached(`gather ${walk.rank} ${isIndexInt} ${isDataInt}`, slots, () => ({
    name: "gather",
    bindings: slots
      .bindings(scalarType(isIndexInt || isDataInt))
      .with(notes, { type: "atomic<u32>", written: true }),
    fields: ["n: u32", "extent: u32", "call: u32", "step: i32", ...walk.fields],
    globals: noteIndex(notes, isIndexInt),
    body: `let i = thread;
if (i >= args.n) { return; }
${walk.code("i")}
let index = ${elements.load(isIndexInt, `b${at}[wp1]`)};
var value = ${isDataInt ? "0i" : elements.store(false, "nan_()")};
if (${known}(index, args.extent)) {
  value = b${from}[wp2 + i32(index) * args.step];
} else {
  note_index(args.call, index);
}
b${to}[wp0] = value;`,
  }));
  const { recorder } = gpu;
  const extent = input.layout.shape[dim] ?? 1;
  recorder.u32(size);
  recorder.u32(extent);
  recorder.u32(gpu.indexFaults.call(op, extent));
  recorder.i32(input.layout.strides[dim] ?? 0);
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, size);
}
