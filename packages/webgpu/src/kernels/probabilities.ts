import type { View } from "@thalweg/kernels";
import { collapse } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { noteIndex } from "../device/index-faults";
import { Slots } from "../device/slots";
import { walkOf } from "../wgsl/walk";

/** Makes the next read throw the error of `refuse` if an element is not between 0 and 1. */
export function checkProbabilities(
  gpu: Gpu,
  op: string,
  x: View,
  refuse: (op: string, value: number) => Error,
): void {
  const { shape, size } = x.layout;
  if (size === 0) return;
  const slots = new Slots();
  const at = slots.add(x);
  const notes = slots.addBlock(gpu.indexFaults.block, true);
  const loops = collapse(shape, [x.layout]);
  const walk = walkOf("w", loops.extents.length, 1);
  const kernel = gpu.cached(`probabilities ${walk.rank}`, slots, () => ({
    name: "probabilities",
    bindings: slots.bindings().with(notes, { type: "atomic<u32>", written: true }),
    fields: ["n: u32", "call: u32", ...walk.fields],
    globals: noteIndex(notes),
    body: `let i = thread;
if (i >= args.n) { return; }
${walk.code("i")}
let p = b${at}[wp0];
if (isNaN_(p) || p < 0.0 || p > 1.0) { note_index(args.call, p); }`,
  }));
  const { recorder } = gpu;
  recorder.u32(size);
  recorder.u32(gpu.indexFaults.callOf(`${op} probabilities`, (value) => refuse(op, value)));
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, size);
}
