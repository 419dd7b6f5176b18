import { formatShape, normalizeDim, ShapeError } from "@thalweg/kernels";
import { tensor as make } from "../../create";
import { maybeDim, tensor } from "../../kinds";
import { boolean, either, list, number, oneOf, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { gatherOp } from "../index/gather";
import { sort } from "../index/sort";
import { lerp, mul, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { gt, isNaN } from "../map/comparison";
import { ceil, clamp, floor, round } from "../map/rounding";
import { checkFloating } from "../types";
import { reshapeTo } from "../view/reshape";
import { permuteOp } from "../view/view";
import type { ReduceOptions } from "./reduction";
import { lineOf } from "./selected";
import { sum } from "./sums";

/** Options of {@link quantile}. */
export interface QuantileOptions extends ReduceOptions {
  /** What a quantile between two elements is: a mixture of both, one of them, their mean, or the nearer one; "linear" unless given. */
  readonly interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest";
}

const quantileArguments = {
  x: tensor,
  q: /* @__PURE__ */ either(number, /* @__PURE__ */ list(number), tensor),
  dim: maybeDim,
  options: /* @__PURE__ */ options<QuantileOptions>({
    keepDim: boolean,
    interpolation: /* @__PURE__ */ oneOf("linear", "lower", "higher", "midpoint", "nearest"),
  }),
};

/** Quantiles from 0 to 1: a number, or several. */
export type Quantiles = number | readonly number[] | Tensor;

function tensorOf(op: string, q: Quantiles, like: Tensor): Tensor {
  const isTensor = typeof q === "object" && "storage" in q;
  const given = isTensor ? q : make(q, { dtype: like.dtype, device: like.device });
  if (given.ndim > 1) {
    throw new ShapeError(
      op,
      `q must be a number or a vector, got shape ${formatShape(given.shape)}`,
      "flatten it",
      [given.shape],
    );
  }
  const wrong = isTensor
    ? undefined
    : [q].flat().find((part) => !((part as number) >= 0 && (part as number) <= 1));
  if (wrong !== undefined)
    throw new ShapeError(op, `a quantile is ${wrong as number}`, "they are from 0 to 1");
  return given;
}

/** Sorted elements along the last dimension, and the position of each quantile among them: [...rest, quantiles]. */
function ranked(x: Tensor, q: Tensor, ignoresNaN: boolean): [sorted: Tensor, ranks: Tensor] {
  const last = x.ndim - 1;
  const extent = x.shape[last]!;
  const missing = sum(to(isNaN(x.detach()), x.dtype), last, { keepDim: true });
  const sorted = sort(x, last).values;
  const flat = reshapeTo(q, [q.size]);
  if (ignoresNaN) return [sorted, clamp(mul(flat, sub(extent - 1, missing)), 0)];
  // NaN comes last.
  return [sorted, where(gt(missing, 0), extent - 1, mul(flat, extent - 1))];
}

const roundings = { lower: floor, higher: ceil, nearest: round };

function interpolated(
  op: string,
  sorted: Tensor,
  ranks: Tensor,
  how: QuantileOptions["interpolation"],
): Tensor {
  const dim = sorted.ndim - 1;
  const at = (positions: Tensor) => apply(gatherOp, [sorted, to(positions.detach(), "int32")], { op, dim });
  if (how === "lower" || how === "higher" || how === "nearest") return at(roundings[how](ranks));
  const below = floor(ranks);
  return lerp(at(below), at(ceil(ranks)), how === "midpoint" ? 0.5 : sub(ranks, below));
}

function quantiles(
  op: string,
  x: Tensor,
  q: Quantiles,
  dim: number | undefined,
  { keepDim = false, interpolation = "linear" }: QuantileOptions,
  ignoresNaN: boolean,
): Tensor {
  checkFloating(op, x);
  const given = tensorOf(op, q, x);
  const d = dim === undefined ? 0 : normalizeDim(op, dim, x.ndim);
  const { x: line } = lineOf(op, dim === undefined ? reshapeTo(x, [x.size]) : x, d);
  const others = line.shape.flatMap((_, k) => (k === d ? [] : [k]));
  const [sorted, ranks] = ranked(apply(permuteOp, [line], [...others, d]), given, ignoresNaN);
  const found = interpolated(op, sorted, ranks, interpolation);
  // The quantiles come first, as a dimension if they have one.
  const rows = apply(permuteOp, [found], [found.ndim - 1, ...others.map((_, k) => k)]);
  const kept = dim === undefined ? x.shape.map(() => 1) : x.shape.map((n, k) => (k === d ? 1 : n));
  const rest = keepDim ? kept : others.map((k) => line.shape[k]!);
  return reshapeTo(rows, [...given.shape, ...rest]);
}

/**
 * Quantiles along `dim`, or of all elements unless `dim` is given. `q` is a number from 0 to 1, or several, which are the first dimension of
 * the result. NaN where an element is NaN.
 *
 * @throws ShapeError when there are no elements, or a quantile is not from 0 to 1; DTypeError for ints.
 * @example
 * quantile(tensor([1, 2, 3, 5]), 0.5).item(); // → 2.5
 * quantile(tensor([1, 2, 3, 5]), [0, 1]).toArray(); // → [1,5]
 */
export const quantile = /* @__PURE__ */ operation(
  "quantile",
  quantileArguments,
  (x: Tensor, q: Quantiles, dim?: number, options: QuantileOptions = {}): Tensor =>
    quantiles("quantile", x, q, dim, options, false),
);

/**
 * Quantiles of the elements that are not NaN, over `dim` (all dimensions unless given); NaN where all are. Otherwise like
 * {@link quantile}.
 */
export const nanquantile = /* @__PURE__ */ operation(
  "nanquantile",
  quantileArguments,
  (x: Tensor, q: Quantiles, dim?: number, options: QuantileOptions = {}): Tensor =>
    quantiles("nanquantile", x, q, dim, options, true),
);
