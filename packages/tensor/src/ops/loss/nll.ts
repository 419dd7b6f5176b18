import type { Backend, View } from "@thalweg/kernels";
import { Layout, MapProgram, runKernel, runMap, trace } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import type { Op, OpSamples } from "../op";
import { allocate } from "../operands";
import { pointwise } from "../pointwise";
import { positionsAlong } from "../positions";
import type { SampleDrawer } from "../sample";
import { resolve } from "../types";
import { unsqueeze } from "../view/shape";

/** The dimension of the classes, and the target that is ignored. */
export interface Classes {
  /** The function that the user called, for errors. */
  readonly op: string;
  readonly dim: number;
  readonly ignoreIndex: number;
}

const known = /* @__PURE__ */ new MapProgram("nll", 2, [
  /* @__PURE__ */ trace(2, (target, ignored) => target.eq(ignored!).choose(0, target)),
]);
const loss = /* @__PURE__ */ new MapProgram("nll", 3, [
  /* @__PURE__ */ trace(3, (picked, target, ignored) => target.eq(ignored!).choose(0, picked.neg())),
]);

/** -g at the class of the target, and 0 elsewhere and for ignored targets. */
const spread = /* @__PURE__ */ pointwise("nll'", (g, target, position, ignored) =>
  position.eq(target).mul(target.ne(ignored)).choose(g.neg(), 0),
);

/** Gathers the losses of the targets from log-probabilities. */
export function pickLosses(
  backend: Backend,
  out: Tensor,
  x: Tensor,
  target: Tensor,
  { op, dim, ignoreIndex }: Classes,
): void {
  const counted = resolve(known, [target, ignoreIndex]);
  const index = allocate(backend, counted.dtype, target.shape);
  const picked = allocate(backend, x.dtype, target.shape);
  runMap(backend, counted.program, [index], [target, ignoreIndex]);
  runKernel(backend, "gather", op, columnOf(picked, dim), x, dim, columnOf(index, dim));
  const inputs = [picked, target, ignoreIndex];
  runMap(backend, resolve(loss, inputs).program, [out], inputs);
}

/** A view of a new tensor without the dimension of the classes, with that dimension as 1. */
function columnOf({ storage, shape }: Tensor, dim: number): View {
  return { storage, layout: Layout.contiguous(shape.toSpliced(dim, 0, 1)) };
}

/** Draws calls of both losses. */
export const sampleClasses: SampleDrawer<Classes> = (draw) => {
  const shape = draw.shape(1, 3);
  const dim = draw.int(0, shape.length - 1);
  const target = { shape: shape.toSpliced(dim, 1), domain: { min: 0, max: shape[dim]! - 1, whole: true } };
  return { inputs: [{ shape }, target], attrs: { op: "nll", dim, ignoreIndex: draw.int(-1, 1) } };
};

const nllOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "nll",
  kind: "index",
  types: { index: 1 },
  saves: { inputs: [1] },
  shape: ([, target]) => target!,
  run: (backend, out, [x, target], attrs) => pickLosses(backend, out, x!, target!, attrs),
  gradient({ grad, inputs, shapes: [shape], attrs: { dim, ignoreIndex }, needs }) {
    if (!needs(0)) return [];
    const [g, target] = [unsqueeze(grad, dim), unsqueeze(inputs[1] as Tensor, dim)];
    return [spread(g, target, positionsAlong(grad, shape!, dim), ignoreIndex)];
  },
});

export const nllSamples: OpSamples<Classes> = {
  op: nllOp,
  sample: sampleClasses,
};

/**
 * -x at the class `target` along `dim`, and 0 where the target is `ignoreIndex`: the part of a classification loss that
 * follows {@link logSoftmax}. The target has the shape of `x` without `dim`. Errors name `op`.
 *
 * @throws IndexError when a target is not a class.
 */
export function negativeLogLikelihood(x: Tensor, target: Tensor, attrs: Classes): Tensor {
  return apply(nllOp, [x, target], attrs);
}
