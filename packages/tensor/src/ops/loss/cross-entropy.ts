import { closeScope, openScope, RowProgram, runRows, trace } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { kernelOp } from "../define-op";
import { mul, sub } from "../map/arithmetic";
import { eq } from "../map/comparison";
import type { Op, OpSamples } from "../op";
import { allocate } from "../operands";
import { pointwise } from "../pointwise";
import { positionsAlong } from "../positions";
import { itself } from "../reduce/row-op";
import { logSoftmaxProgram, softmax } from "../reduce/softmax";
import { sum } from "../reduce/sums";
import { unsqueeze } from "../view/shape";
import { type Classes, pickLosses, sampleClasses } from "./nll";

/** g (softmax(x) - [position = target]), 0 where the target is ignored: inputs x, g, target, position and ignored. */
const entropyGradient = /* @__PURE__ */ new RowProgram(
  "crossEntropy'",
  5,
  [
    { combine: "fmax", map: /* @__PURE__ */ trace(5, (x) => x), finish: itself },
    {
      combine: "sum",
      map: /* @__PURE__ */ trace(6, (x, _g, _t, _p, _i, top) => x!.sub(top!).exp()),
      finish: itself,
      keep: true,
    },
  ],
  [
    /* @__PURE__ */ trace(8, (_x, g, target, position, ignored, _top, total, kept) =>
      target!.eq(ignored!).choose(0, kept!.mul(total!.reciprocal()).sub(position!.eq(target!)).mul(g!)),
    ),
  ],
);

/** The gradient of each loss, and 0 where the target is ignored. */
const counted = /* @__PURE__ */ pointwise("crossEntropy'", (g, target, ignored) =>
  target.eq(ignored).choose(0, g),
);

const entropyGradientOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "crossEntropy'",
  kind: "index",
  types: { index: 2 },
  saves: { inputs: "all" },
  shape: ([x]) => x!,
  run(backend, out, [x, g, target], { dim, ignoreIndex }) {
    const wide = (of: Tensor) => ({ storage: of.storage, layout: of.layout.expand(out.shape) });
    const [weight, index] = [unsqueeze(g!.detach(), dim), unsqueeze(to(target!.detach(), out.dtype), dim)];
    const position = positionsAlong(out, out.shape, dim, out.dtype);
    const inputs = [x!, wide(weight), wide(index), position, ignoreIndex];
    runRows(backend, entropyGradient, [out], inputs, dim);
  },
  gradient({ grad, inputs, attrs: { dim, ignoreIndex }, needs }) {
    const [x, g, target] = inputs as [Tensor, Tensor, Tensor];
    const y = softmax(x, dim);
    const toX = () => {
      const weighted = mul(mul(grad, unsqueeze(counted(g, target, ignoreIndex), dim)), y);
      return sub(weighted, mul(y, sum(weighted, dim, { keepDim: true })));
    };
    const toG = () => {
      const hits = to(eq(positionsAlong(grad, x.shape, dim), unsqueeze(target, dim)), x.dtype);
      return counted(sum(mul(grad, sub(y, hits)), dim), target, ignoreIndex);
    };
    return [needs(0) ? toX() : null, needs(1) ? toG() : null];
  },
});

export const entropyGradientSamples: OpSamples<Classes> = {
  op: entropyGradientOp,
  sample(draw) {
    const { inputs, attrs } = sampleClasses(draw);
    const [x, target] = inputs;
    return { inputs: [x!, { shape: target!.shape }, target!], attrs };
  },
};

const entropyOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "crossEntropy",
  kind: "index",
  types: { index: 1 },
  saves: { inputs: "all" },
  shape: ([, target]) => target!,
  run(backend, out, [x, target], attrs) {
    const mark = openScope();
    try {
      const y = allocate(backend, x!.dtype, x!.shape);
      runRows(backend, logSoftmaxProgram, [y], [x!], attrs.dim);
      pickLosses(backend, out, y, target!, attrs);
    } finally {
      closeScope(mark);
    }
  },
  gradient({ grad, inputs, attrs, needs }) {
    if (!needs(0)) return [];
    const [x, target] = inputs as [Tensor, Tensor];
    return [apply(entropyGradientOp, [x, grad, target], attrs)];
  },
});

export const entropySamples: OpSamples<Classes> = {
  op: entropyOp,
  sample: sampleClasses,
};

/**
 * `negativeLogLikelihood` of log(softmax(x)) as one operation. Its gradient is one pass over `x`.
 *
 * @throws IndexError when a target is not a class.
 */
export function softmaxCrossEntropy(x: Tensor, target: Tensor, attrs: Classes): Tensor {
  return apply(entropyOp, [x, target], attrs);
}
