import { formatShape, type Shape, ShapeError, sameShape, sizeOf } from "@thalweg/kernels";
import { maybeTensor, shape, tensor } from "../../kinds";
import { either, options, positive, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite } from "../define-op";
import { add, mul, square } from "../map/arithmetic";
import { rsqrt } from "../map/elementary";
import { mean } from "../reduce/sums";
import { type Draw, type Sample, spreadOut } from "../sample";
import { reshapeTo } from "../view/reshape";
import { checkAffine, scaled } from "./affine";
import { normalizeOp } from "./normalize";

/** Options of {@link rmsNorm}. */
export interface RMSNormOptions {
  /** Factors, of shape `normalizedShape`; 1 unless given. */
  readonly weight?: Tensor | null;
  /** Added to the mean square; 2⁻²³ unless given. */
  readonly eps?: number;
}

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** Factors, of shape `normalizedShape`; 1 unless given. */
  readonly weight?: Tensor | null;
  /** Summands, of shape `normalizedShape`; 0 unless given. */
  readonly bias?: Tensor | null;
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
}

/** Checks `normalizedShape`, and returns it as a shape. */
function normalized(op: string, x: Tensor, given: number | Shape): Shape {
  const shape = typeof given === "number" ? [given] : given;
  if (shape.length === 0 || !sameShape(x.shape.slice(-shape.length), shape)) {
    throw new ShapeError(
      op,
      `the input does not end in the normalized shape, ${formatShape(x.shape)} and ${formatShape(shape)}`,
      "normalizedShape is the shape of its last dimensions, one at least",
      [x.shape, shape],
    );
  }
  return shape;
}

function layers(x: Tensor, normalizedShape: number | Shape, options: LayerNormOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = options;
  const shape = normalized("layerNorm", x, normalizedShape);
  checkAffine("layerNorm", "weight", weight, shape);
  checkAffine("layerNorm", "bias", bias, shape);
  // Each element of the other dimensions becomes a row.
  const flat = (of: Tensor, lead: Shape) =>
    shape.length === 1 ? of : reshapeTo(of, [...lead, sizeOf(shape)]);
  const affine = weight ? (bias ? [weight, bias] : [weight]) : [];
  const rows = [flat(x, x.shape.slice(0, x.ndim - shape.length)), ...affine.map((of) => flat(of, []))];
  const y = apply(normalizeOp, rows, eps);
  const result = shape.length === 1 ? y : reshapeTo(y, x.shape);
  return weight || !bias ? result : add(result, bias);
}

function meanSquares(x: Tensor, normalizedShape: number | Shape, options: RMSNormOptions = {}): Tensor {
  const { weight, eps = 2 ** -23 } = options;
  const shape = normalized("rmsNorm", x, normalizedShape);
  checkAffine("rmsNorm", "weight", weight, shape);
  const dims = shape.map((_, d) => x.ndim - shape.length + d);
  const y = mul(x, rsqrt(add(mean(square(x), dims, { keepDim: true }), eps)));
  return scaled(y, weight, null);
}

interface NormCall {
  readonly shape: number | Shape;
  readonly eps: number;
}

function drawNorm(draw: Draw, parameters: number): Sample<NormCall> {
  const shape = [...(draw.boolean() ? [draw.int(1, 2)] : []), draw.int(2, 3)];
  const inputs = [
    { shape: [...draw.shape(0, 2), ...shape], domain: spreadOut },
    ...Array.from({ length: draw.int(0, parameters) }, () => ({ shape })),
  ];
  return { inputs, attrs: { shape: shape.length === 1 ? shape[0]! : shape, eps: draw.pick([1e-5, 0.1]) } };
}

/**
 * (x - mean) / √(variance + ε) · weight + bias over the last dimensions, which have the shape `normalizedShape` (or a
 * number, for one dimension): [..., *normalizedShape] -> the same (Ba et al., 2016). The variance is biased.
 *
 * @throws ShapeError when the input does not end in that shape, or weight and bias do not have it.
 * @example
 * layerNorm(tensor([[1, 3], [0, 20]]), 2, { eps: 0 }).toArray(); // → [[-1,1],[-1,1]]
 */
export const layerNorm = /* @__PURE__ */ composite(layers, {
  name: "layerNorm",
  takes: {
    x: tensor,
    normalizedShape: either(positive, shape),
    options: options<LayerNormOptions>({ weight: maybeTensor, bias: maybeTensor, eps: real }),
  },
  forward: ([x, weight, bias], { shape, eps }: NormCall) =>
    layers(x as Tensor, shape, { weight: weight as Tensor, bias: bias as Tensor, eps }),
  sample: (draw: Draw) => drawNorm(draw, 2),
  errors: [
    { shapes: [[2, 3]], args: [2] },
    { shapes: [[2, 3]], args: [[]] },
    { shapes: [[3]], args: [[2, 3]] },
  ],
});

/**
 * x / √(mean of squares + ε) · weight over the last dimensions, which have the shape `normalizedShape` (or a number, for
 * one dimension): [..., *normalizedShape] -> the same (Zhang and Sennrich, 2019).
 *
 * @throws ShapeError when the input does not end in that shape, or the weight does not have it.
 * @example
 * rmsNorm(tensor([3, -3]), 2, { eps: 0 }).toArray(); // → [1,-1]
 */
export const rmsNorm = /* @__PURE__ */ composite(meanSquares, {
  name: "rmsNorm",
  takes: {
    x: tensor,
    normalizedShape: either(positive, shape),
    options: options<RMSNormOptions>({ weight: maybeTensor, eps: real }),
  },
  forward: ([x, weight], { shape, eps }: NormCall) =>
    meanSquares(x as Tensor, shape, { weight: weight as Tensor, eps }),
  sample: (draw: Draw) => drawNorm(draw, 1),
  errors: [{ shapes: [[2, 3]], args: [2] }],
});
