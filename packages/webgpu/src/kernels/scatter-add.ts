import type { View } from "@thalweg/kernels";
import { collapse, Layout } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { noteIndex } from "../device/index-faults";
import { Slots } from "../device/slots";
import { walkOf } from "../wgsl/walk";
import { withoutDim } from "./gather";

/**
 * Adds elements at indices. Threads that meet at a place try again until each has added its own, so the
 * order of the terms of a sum is that of chance. Indices out of range are skipped, and the next read throws.
 */
export function scatterAdd(gpu: Gpu, op: string, out: View, dim: number, index: View, src: View): void {
  const { shape, size } = index.layout;
  if (size === 0) return;
  const slots = new Slots();
  const [to, at, from] = [slots.add(out, true), slots.add(index), slots.add(src)];
  const notes = slots.addBlock(gpu.indexFaults.block, true);
  /** Small tensors share a buffer, of which then all is atomic. */
  const read = (slot: number, place: string) =>
    slot === to ? `bitcast<f32>(atomicLoad(&b${slot}[${place}]))` : `b${slot}[${place}]`;
  const source = new Layout(shape, src.layout.strides, src.layout.offset);
  const loops = collapse(shape, [withoutDim(out, dim, index), index.layout, source]);
  const walk = walkOf("w", loops.extents.length, 3);
  const kernel = gpu.cached(`scatterAdd ${walk.rank}`, slots, () => ({
    name: "scatterAdd",
    bindings: slots
      .bindings()
      .map((binding, k) =>
        k === to || k === notes ? { type: "atomic<u32>" as const, written: true } : binding,
      ),
    fields: ["n: u32", "extent: u32", "call: u32", "step: i32", ...walk.fields],
    globals: noteIndex(notes),
    body: `let i = thread;
if (i >= args.n) { return; }
${walk.code("i")}
let index = ${read(at, "wp1")};
if (!isIndex_(index, args.extent)) {
  note_index(args.call, index);
  return;
}
let place = wp0 + i32(index) * args.step;
let value = ${read(from, "wp2")};
var old = atomicLoad(&b${to}[place]);
loop {
  let sum = bitcast<u32>(bitcast<f32>(old) + value);
  let result = atomicCompareExchangeWeak(&b${to}[place], old, sum);
  if (result.exchanged) { break; }
  old = result.old_value;
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
