import { formatShape, normalizeDim, ShapeError } from "@thalweg/kernels";
import { maybeDim, tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite } from "../define-op";
import { pointwise } from "../pointwise";
import { reshapeTo } from "../view/reshape";
import { sliceOp } from "../view/view";

const gated = /* @__PURE__ */ pointwise("glu", (a, b) => a.mul(b.sigmoid()));

function halves(x: Tensor, dim = -1): Tensor {
  const d = normalizeDim("glu", dim, x.ndim);
  const extent = x.shape[d] ?? 1;
  if (extent % 2 !== 0) {
    throw new ShapeError(
      "glu",
      `dim ${dim} of shape ${formatShape(x.shape)} has no halves`,
      "its extent must be even",
      [x.shape],
    );
  }
  const half = (start: number) => apply(sliceOp, [x], { dim: d, start, length: extent / 2, step: 1 });
  return gated(half(0), half(extent / 2));
}

/**
 * a·sigmoid(b), where a and b are the halves of x along `dim`, the last one unless given (Dauphin et al., 2017).
 *
 * @throws ShapeError when the extent is odd.
 */
export const glu = /* @__PURE__ */ composite(halves, {
  name: "glu",
  takes: { x: tensor, dim: maybeDim },
  forward: ([x], dim: number) => halves(x as Tensor, dim),
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    return { inputs: [{ shape: shape.with(dim, 2 * draw.int(1, 2)) }], attrs: dim };
  },
  errors: [{ shapes: [[2, 3]] }, { shapes: [[2]], args: [1] }],
});

const leaking = /* @__PURE__ */ pointwise("prelu", (x, weight) => x.gt(0).choose(x, x.mul(weight)), {
  domain: [
    { min: -2, max: 2, avoid: [0] },
    { min: -2, max: 2 },
  ],
});

/**
 * x above 0, `weight`·x elsewhere (He et al., 2015). The weight is one number, or a vector with one for each channel, which is the
 * second dimension of x, or its only one.
 *
 * @throws ShapeError when the weight is neither.
 */
export const prelu = /* @__PURE__ */ operation(
  "prelu",
  { x: tensor, weight: tensor },
  (x: Tensor, weight: Tensor): Tensor => {
    if (weight.size === 1 && weight.ndim < 2) return leaking(x, reshapeTo(weight, []));
    const channels = x.ndim < 2 ? x.size : x.shape[1]!;
    if (weight.ndim !== 1 || weight.size !== channels || x.ndim === 0) {
      throw new ShapeError(
        "prelu",
        `the weight does not fit, ${formatShape(weight.shape)} and ${formatShape(x.shape)}`,
        "give one number, or one for each channel",
        [weight.shape, x.shape],
      );
    }
    return leaking(x, reshapeTo(weight, [channels, ...new Array<number>(Math.max(0, x.ndim - 2)).fill(1)]));
  },
);
