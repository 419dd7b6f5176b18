import type { View } from "@thalweg/kernels";
import { collapse, evaluator, forEachOuter, Layout, neutral, newTier } from "@thalweg/kernels";
import { combiners } from "./combiners";
import type { Kernels } from "./cpu-backend";
import { interpretMap } from "./interpret";
import { arrayOf } from "./storage";
import { variantOf } from "./variants";

const tier = newTier();

/** The living definition of every kernel, in float64: one element at a time, nothing clever. */
export const reference: Kernels = {
  name: "reference",
  map(program, outputs, inputs) {
    const evaluate = variantOf(program, tier, 0, () => evaluator(program.outputs, false));
    interpretMap(evaluate, outputs, inputs);
  },

  reduce(program, out, inputs, dims) {
    const [map, finish] = variantOf(program, tier, 0, () => [
      evaluator([program.map], false),
      evaluator([program.finish], false),
    ]);
    const combine = combiners[program.combine];
    const start = neutral[program.combine];
    const { shape, size } = inputs[0]!.layout;
    const count = dims.reduce((n, d) => n * shape[d]!, 1);
    const to = arrayOf(out);
    const arrays = inputs.map(arrayOf);
    const dense = Layout.contiguous(out.layout.shape);
    const totals = new Float64Array(dense.size).fill(start);
    if (size > 0) {
      const values = inputs.map(() => 0);
      const layouts = [dense.expand(shape), ...inputs.map((view) => view.layout)];
      forEachOuter(collapse(shape, layouts), 0, (positions) => {
        for (let k = 0; k < values.length; k++) values[k] = arrays[k]![positions[k + 1]!]!;
        const position = positions[0]!;
        totals[position] = combine(totals[position]!, map(values)[0]!);
      });
    }
    if (dense.size === 0) return;
    forEachOuter(collapse(dense.shape, [out.layout, dense]), 0, ([position, total]) => {
      to[position!] = finish([totals[total!]!, count])[0]!;
    });
  },

  matmul(out, a, b, epilogue) {
    multiply(out, a, b);
    if (epilogue !== undefined) reference.map(epilogue.program, [out], [out, ...epilogue.operands]);
  },
};

function multiply(out: View, a: View, b: View): void {
  const [to, left, right] = [arrayOf(out), arrayOf(a), arrayOf(b)];
  const { shape, size } = out.layout;
  const extent = a.layout.shape.at(-1)!;
  const [stepA, stepB] = [a.layout.strides.at(-1)!, b.layout.strides.at(-2)!];
  if (size === 0) return;
  /** The first place along `dim`, broadcast to the result. */
  const first = (of: View, dim: number) =>
    new Layout(of.layout.shape.with(dim, 1), of.layout.strides, of.layout.offset).expand(shape);
  forEachOuter(collapse(shape, [out.layout, first(a, -1), first(b, -2)]), 0, ([o, i, j]) => {
    let sum = 0;
    for (let k = 0; k < extent; k++) sum += left[i! + k * stepA]! * right[j! + k * stepB]!;
    to[o!] = sum;
  });
}
