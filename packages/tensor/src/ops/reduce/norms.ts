import { normalizeDims } from "@thalweg/kernels";
import { maybeDims, tensor } from "../../kinds";
import { boolean, operation, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { to } from "../cast";
import { abs, add, square, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { isFinite, ne } from "../map/comparison";
import { exp, log } from "../map/elementary";
import { pointwise } from "../pointwise";
import { checkFloating } from "../types";
import { reshapeTo } from "../view/reshape";
import { amax, amin } from "./extrema";
import { countOf, type Dims, type ReduceOptions, reduction } from "./reduction";
import { rootOrZero, sum } from "./sums";

/** Options of {@link norm}. */
export interface NormOptions extends ReduceOptions {
  /** Order of the norm: a number from 0 to Infinity, or -Infinity; 2, for the Euclidean norm, unless given. */
  readonly p?: number;
}

/** xᵖ, with gradient 0 at 0. */
const flatPower = pointwise("root", (x, p) => x.eq(0).choose(p.lt(0).choose(Infinity, 0), x.pow(p)), {
  domain: { min: 0.5, max: 2 },
});

/**
 * (Σ|x|ᵖ)^(1/p) over `dim` (all dimensions unless given). For p = ∞ it is the largest |x|, for p = 0 the number of nonzero
 * elements. The gradient is 0 where the norm is 0.
 */
export const norm = operation(
  "norm",
  { x: tensor, dim: maybeDims, options: options({ p: real, keepDim: boolean }) },
  (x: Tensor, dim?: Dims, options: NormOptions = {}): Tensor => {
    const { p = 2, keepDim = false } = options;
    const kept = { keepDim };
    normalizeDims("norm", dim, x.ndim);
    checkFloating("norm", x);
    if (p === 2) return rootOrZero(sum(square(x), dim, kept));
    if (p === 1) return sum(abs(x), dim, kept);
    if (p === 0) return sum(to(ne(x, 0), x.dtype), dim, kept);
    if (p === Number.POSITIVE_INFINITY) return amax(abs(x), dim, kept);
    if (p === Number.NEGATIVE_INFINITY) return amin(abs(x), dim, kept);
    return flatPower(sum(flatPower(abs(x), p), dim, kept), 1 / p);
  },
);

/** log Σ eˣ over `dim` (all dimensions unless given), without overflow. */
export const logsumexp = operation(
  "logsumexp",
  { x: tensor, dim: maybeDims, options: options({ keepDim: boolean }) },
  (x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor => {
    const { keepDim = false } = options;
    const dims = normalizeDims("logsumexp", dim, x.ndim);
    if (countOf(x.shape, dims) === 0) return add(sum(x, dim, { keepDim }), Number.NEGATIVE_INFINITY);
    const top = amax(x.detach(), dim, { keepDim: true });
    const shift = where(isFinite(top), top, 0);
    const total = log(sum(exp(sub(x, shift)), dim, { keepDim }));
    return add(total, keepDim ? shift : reshapeTo(shift, total.shape));
  },
);

/** Whether any element over `dim` (all dimensions unless given) is nonzero. The result is bool. */
export const any = reduction({
  name: "any",
  combine: "max",
  any: true,
  map: (x) => x.ne(0),
  finish: (value) => value.gt(0),
  differentiable: false,
});

/** Whether all elements over `dim` (all dimensions unless given) are nonzero. The result is bool. */
export const all = reduction({
  name: "all",
  combine: "min",
  any: true,
  map: (x) => x.ne(0),
  finish: (value) => value.gt(0),
  differentiable: false,
});
