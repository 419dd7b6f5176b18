import type { Operand, RowProgram, View } from "@thalweg/kernels";
import { collapse, isView } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import type { Kernel } from "../device/kernel";
import { Slots } from "../device/slots";
import { walkOf } from "../wgsl/walk";
import { type RowForm, rowKernel } from "./row-kernel";

/** Few lines of at least this length are faster as divided reductions. */
const long = 2 ** 14;

/** Runs a row program in one launch. Returns false, without having done anything, where separate kernels are better. */
export function rows(
  gpu: Gpu,
  program: RowProgram,
  outputs: readonly View[],
  inputs: readonly Operand[],
  dim: number,
): boolean {
  const { shape, size } = outputs[0]!.layout;
  const extent = shape[dim]!;
  const count = size / extent;
  if (extent >= long && count < 16) return false;
  const slots = new Slots();
  const operands = [...outputs, ...inputs.filter(isView)];
  const places = operands.map((view, k) => slots.add(view, k < outputs.length));
  if (slots.memories.length > gpu.mostBuffers) return false;
  const loops = collapse(
    shape.toSpliced(dim, 1),
    operands.map((view) => view.layout.select(dim, 0)),
  );
  const isNext = (view: View, k: number) =>
    view.layout.strides[dim] === 1 &&
    (slots.starts[k]! + loops.offsets[k]!) % 4 === 0 &&
    loops.strides[k]!.every((stride) => stride % 4 === 0);
  const quads = extent % 4 === 0 && operands.every(isNext);
  let view = 0;
  const form: RowForm = {
    grouped: gpu.sharesRows(count, extent),
    quads,
    rank: loops.extents.length,
    slots: places,
    views: inputs.map((input) => (isView(input) ? view++ : -1)),
  };
  const { compiled } = program;
  compiled[gpu.tier] ??= [new Map<string, Kernel>()];
  const kernels = compiled[gpu.tier]![0] as Map<string, Kernel>;
  const key = `${+form.grouped}${+quads} ${form.rank} ${places} ${form.views}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) kernels.set(key, (kernel = gpu.kernel(rowKernel(program, form, slots))));
  const { recorder } = gpu;
  recorder.u32(count);
  recorder.u32(extent);
  recorder.u32(quads ? extent / 4 : extent);
  for (const input of inputs) if (!isView(input)) recorder.f32(input);
  if (!quads) for (const { layout } of operands) recorder.i32(layout.strides[dim]!);
  walkOf("k", form.rank, operands.length).write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, count, form.grouped, size);
  return true;
}
