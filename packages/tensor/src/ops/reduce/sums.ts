import type { Shape } from "@thalweg/kernels";
import { normalizeDims } from "@thalweg/kernels";
import { maybeDims, tensor } from "../../kinds";
import { boolean, operation, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { add, div, mul, square, sub } from "../map/arithmetic";
import { pointwise } from "../pointwise";
import { exclusiveProducts } from "../scan/recurrence";
import { reshapeTo } from "../view/reshape";
import { expandOp, permuteOp } from "../view/view";
import { countOf, type Dims, type ReduceAttrs, type ReduceOptions, reduction, withDims } from "./reduction";

/** Spreads the gradient of each result over the elements behind it. */
function spread(grad: Tensor, shape: Shape, attrs: ReduceAttrs): Tensor {
  // A single number broadcasts without the reduced dimensions.
  const wide = grad.ndim === 0 ? grad : withDims(grad, shape, attrs);
  return apply(expandOp, [wide], shape);
}

/** Sum over `dim` (all dimensions unless given); 0 for no elements. */
export const sum = reduction({
  name: "sum",
  combine: "sum",
  any: true,
  gradient: ({ grad, shapes, attrs }) => [spread(grad, shapes[0]!, attrs)],
});

/** Arithmetic mean over `dim` (all dimensions unless given); NaN for no elements. */
export const mean = reduction({
  name: "mean",
  combine: "sum",
  finish: (total, count) => total.div(count),
  gradient({ grad, shapes, attrs }) {
    const shape = shapes[0]!;
    return [spread(div(grad, Math.max(1, countOf(shape, attrs.dims))), shape, attrs)];
  },
});

/**
 * Product over `dim` (all dimensions unless given); 1 for no elements. Gradients of every order are correct where elements
 * are 0, too.
 */
export const prod = reduction({
  name: "prod",
  combine: "prod",
  any: true,
  saves: { inputs: "all" },
  gradient(call) {
    const { attrs, shapes } = call;
    const shape = shapes[0]!;
    const x = call.inputs[0] as Tensor;
    // The gradient of an element is the product of the others: of those before it and those after it, along one dimension
    // that merges all reduced ones.
    const kept = shape.map((_, d) => d).filter((d) => !attrs.dims.includes(d));
    const order = [...kept, ...attrs.dims];
    const moved = order.map((d) => shape[d]!);
    const rows = [...kept.map((d) => shape[d]!), countOf(shape, attrs.dims)];
    const others = exclusiveProducts(reshapeTo(apply(permuteOp, [x], order), rows));
    const back = order.map((_, d) => order.indexOf(d));
    return [mul(apply(permuteOp, [reshapeTo(others, moved)], back), withDims(call.grad, shape, attrs))];
  },
});

/** Options of {@link var} and {@link std}. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements; 1 unless given, for the unbiased estimate. */
  readonly correction?: number;
}

/**
 * Variance over `dim` (all dimensions unless given): Σ(x - mean)²/(n - `correction`), with `correction` 1 unless given.
 *
 * @example
 * tensor([1, 2, 3, 4]).var(undefined, { correction: 0 }).item(); // → 1.25
 */
const variance = operation(
  "var",
  { x: tensor, dim: maybeDims, options: options({ correction: real, keepDim: boolean }) },
  (x: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor => {
    const { correction = 1, keepDim = false } = options;
    const dims = normalizeDims("var", dim, x.ndim);
    const centered = sub(x, mean(x, dims.length === 0 ? undefined : dims, { keepDim: true }));
    const total = sum(square(centered), dims.length === 0 ? undefined : dims, { keepDim });
    const count = countOf(x.shape, dims);
    return count === 0 ? add(total, Number.NaN) : div(total, Math.max(0, count - correction));
  },
);

export { variance as var };

/** √x, with gradient 0 at 0. */
export const rootOrZero = pointwise("root", (x) => x.eq(0).choose(0, x.sqrt()), {
  domain: { min: 0.3, max: 2 },
});

/** Standard deviation over `dim` (all dimensions unless given), the root of {@link var}. The gradient is 0 where it is 0. */
export const std = operation(
  "std",
  { x: tensor, dim: maybeDims, options: options({ correction: real, keepDim: boolean }) },
  (x: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor => {
    const count = countOf(x.shape, normalizeDims("std", dim, x.ndim));
    const squared = variance(x, dim, options);
    return count === 0 ? squared : rootOrZero(squared);
  },
);
