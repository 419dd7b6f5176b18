import { normalizeDim, RowProgram, type RowStage, trace } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { number, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { mul, neg, sub } from "../map/arithmetic";
import { exp } from "../map/elementary";
import type { Op } from "../op";
import { noSuchDim } from "../sample";
import { type Along, itself, rowOp } from "./row-op";
import { sum } from "./sums";

const total = (x: Tensor, dim: number) => sum(x, dim, { keepDim: true });

const top: RowStage = { combine: "fmax", map: trace(1, (x) => x), finish: itself };
const mass: RowStage = {
  combine: "sum",
  map: trace(2, (x, top) => x.sub(top).exp()),
  finish: itself,
};

/** y (g - Σ g y), from the result y and its gradient g. */
const softmaxGradient: Op<Along> = rowOp({
  program: new RowProgram(
    "softmax'",
    2,
    [{ combine: "sum", map: trace(2, (y, g) => g.mul(y)), finish: itself }],
    [trace(3, (y, g, weighted) => y.mul(g.sub(weighted!)))],
  ),
  saves: "inputs",
  gradient({ inputs, grad, attrs, needs }) {
    const [y, g] = inputs as [Tensor, Tensor];
    const { dim } = attrs;
    const toY = () => sub(mul(grad, sub(g, total(mul(g, y), dim))), mul(g, total(mul(grad, y), dim)));
    return [needs(0) ? toY() : null, needs(1) ? apply(softmaxGradient, [y, grad], attrs) : null];
  },
});

const softmaxOp = rowOp({
  program: new RowProgram(
    "softmax",
    1,
    [top, { ...mass, keep: true }],
    [trace(4, (_x, _top, total, kept) => kept!.mul(total!.reciprocal()))],
  ),
  saves: "output",
  gradient: ({ output, grad, attrs }) => [apply(softmaxGradient, [output!, grad], attrs)],
  errors: [noSuchDim],
});

/** g - eʸ Σ g, from the result y and its gradient g. */
const logSoftmaxGradient = rowOp({
  program: new RowProgram(
    "logSoftmax'",
    2,
    [{ combine: "sum", map: trace(2, (_y, g) => g), finish: itself }],
    [trace(3, (y, g, total) => g.sub(y.exp().mul(total!)))],
  ),
  saves: "inputs",
  gradient({ inputs, grad, attrs: { dim }, needs }) {
    const [y, g] = inputs as [Tensor, Tensor];
    const weighted = mul(grad, exp(y));
    return [
      needs(0) ? neg(mul(weighted, total(g, dim))) : null,
      needs(1) ? sub(grad, total(weighted, dim)) : null,
    ];
  },
});

/** The row program of {@link logSoftmax}. */
export const logSoftmaxProgram = new RowProgram(
  "logSoftmax",
  1,
  [top, mass],
  [trace(3, (x, top, total) => x.sub(top).sub(total!.log()))],
);

const logSoftmaxOp = rowOp({
  program: logSoftmaxProgram,
  saves: "output",
  gradient: ({ output, grad, attrs }) => [apply(logSoftmaxGradient, [output!, grad], attrs)],
  errors: [noSuchDim],
});

/** eˣ/Σeˣ along `dim`: nonnegative numbers with sum 1. */
export const softmax = operation(
  "softmax",
  { x: tensor, dim: number },
  (x: Tensor, dim: number): Tensor => {
    const d = normalizeDim("softmax", dim, x.ndim);
    return x.ndim === 0 ? exp(sub(x, x)) : apply(softmaxOp, [x], { dim: d });
  },
  softmaxOp,
);

/** log(softmax(x)) along `dim`, without overflow. */
export const logSoftmax = operation(
  "logSoftmax",
  { x: tensor, dim: number },
  (x: Tensor, dim: number): Tensor => {
    const d = normalizeDim("logSoftmax", dim, x.ndim);
    return x.ndim === 0 ? sub(x, x) : apply(logSoftmaxOp, [x], { dim: d });
  },
  logSoftmaxOp,
);
