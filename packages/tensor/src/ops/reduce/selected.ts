import { formatShape, normalizeDim, ShapeError } from "@thalweg/kernels";
import { full } from "../../create";
import { maybeDim, tensor } from "../../kinds";
import { boolean, operation, options, positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { gatherOp } from "../index/gather";
import { argsortOp, type Sorted } from "../index/sort";
import { div, mul, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { eq, isNaN, logicalAnd, logicalOr } from "../map/comparison";
import { clamp, floor } from "../map/rounding";
import type { Op } from "../op";
import { register } from "../registry";
import { recurrence, shift } from "../scan/recurrence";
import { reshapeTo } from "../view/reshape";
import { arg, checkNotEmpty } from "./extrema";
import type { ReduceOptions } from "./reduction";
import { sum } from "./sums";

const keeping = /* @__PURE__ */ options<ReduceOptions>({ keepDim: boolean });

/** The arguments of a reduction along one dimension. */
const alongDim = { x: tensor, dim: maybeDim, options: keeping };

/** A tensor with a dimension to reduce. A scalar is a vector of one element. */
interface Line {
  readonly x: Tensor;
  readonly dim: number;
  /** Whether the tensor is a scalar. */
  readonly isScalar: boolean;
}

export function lineOf(op: string, x: Tensor, dim: number): Line {
  const d = normalizeDim(op, dim, x.ndim);
  const line = x.ndim === 0 ? reshapeTo(x, [1]) : x;
  checkNotEmpty(op, line, [d]);
  return { x: line, dim: d, isScalar: x.ndim === 0 };
}

/** The elements at one index along the dimension of each line, and these indices. */
function selected(op: string, { x, dim, isScalar }: Line, index: Tensor, keepDim: boolean): Sorted {
  const values = apply(gatherOp, [x, index], { op, dim });
  if (keepDim && !isScalar) return { values, indices: index };
  const rest = x.shape.toSpliced(dim, 1);
  return { values: reshapeTo(values, rest), indices: reshapeTo(index, rest) };
}

const extreme = (name: string, kind: "max" | "min") =>
  operation(name, alongDim, (x: Tensor, dim = -1, options: ReduceOptions = {}): Sorted => {
    const { keepDim = false } = options;
    const line = lineOf(name, x, dim);
    return selected(name, line, arg(name, kind, line.x, line.dim, true), keepDim);
  });

/**
 * The largest elements along `dim`, the last unless given, and their positions. Of equal elements the first counts, and takes the
 * gradient; NaN counts as the largest.
 *
 * @throws ShapeError when the dimension is empty.
 * @example
 * const { values, indices } = maxWithIndices(tensor([[1, 5], [7, 2]]), 1);
 * values.toArray(); // → [5,7]
 * indices.toArray(); // → [1,0]
 */
export const maxWithIndices = /* @__PURE__ */ extreme("maxWithIndices", "max");

/** The smallest elements along `dim`, the last unless given, and their positions; otherwise like {@link maxWithIndices}. NaN counts as the smallest. */
export const minWithIndices = /* @__PURE__ */ extreme("minWithIndices", "min");

const sortedOrder = ({ x, dim }: Line): Tensor => apply(argsortOp, [x], { dim, descending: false });

/**
 * The `k`-th smallest elements along `dim`, the last unless given, and their positions; `k` is 1 for the smallest. NaN counts as the
 * largest.
 *
 * @throws ShapeError when `k` is larger than the dimension.
 * @example
 * kthvalue(tensor([3, 1, 2]), 2).values.item(); // → 2
 */
export const kthvalue = /* @__PURE__ */ operation(
  "kthvalue",
  { x: tensor, k: positive, dim: maybeDim, options: keeping },
  (x: Tensor, k: number, dim = -1, options: ReduceOptions = {}): Sorted => {
    const { keepDim = false } = options;
    const line = lineOf("kthvalue", x, dim);
    const extent = line.x.shape[line.dim]!;
    if (k > extent) {
      throw new ShapeError(
        "kthvalue",
        `there is no element ${k}, dim ${line.dim} of shape ${formatShape(x.shape)} has ${extent} elements`,
        `use a k from 1 to ${extent}`,
        [x.shape],
      );
    }
    const index = sortedOrder(line)
      .narrow(line.dim, k - 1, 1)
      .contiguous();
    return selected("kthvalue", line, index, keepDim);
  },
);

/** Where the median is among the sorted elements of each line: the lower of two, or the first NaN unless they are ignored. */
function middle({ x, dim }: Line, ignoresNaN: boolean): Tensor {
  const extent = x.shape[dim]!;
  const missing = sum(to(isNaN(x), "int32"), dim, { keepDim: true });
  if (ignoresNaN) {
    const last = sub(extent - 1, missing);
    return clamp(to(floor(div(last, 2)), "int32"), 0);
  }
  return where(eq(missing, 0), (extent - 1) >> 1, sub(extent, missing));
}

function medianAlong(op: string, x: Tensor, dim: number, keepDim: boolean, ignoresNaN: boolean): Sorted {
  const line = lineOf(op, x, dim);
  const index = apply(gatherOp, [sortedOrder(line), middle(line, ignoresNaN)], { op, dim: line.dim });
  return selected(op, line, index, keepDim);
}

/** The median of all elements. Those that equal it share the gradient evenly. */
const medianOp: Op<boolean> = /* @__PURE__ */ register<Op<boolean>>({
  name: "median",
  kind: "reduce",
  differentiable: true,
  shape: () => [],
  saves: () => 0b11,
  forward([input], ignoresNaN) {
    const x = (input as Tensor).detach();
    if (x.size === 0) return full([], Number.NaN, { dtype: x.dtype, device: x.device });
    return medianAlong("median", reshapeTo(x, [x.size]), 0, false, ignoresNaN).values;
  },
  sample(draw) {
    return {
      inputs: [{ shape: draw.shape(0, 3), domain: { min: -2, max: 2, distinct: true } }],
      attrs: draw.boolean(),
    };
  },
  gradient({ grad, inputs, output }) {
    const x = inputs[0] as Tensor;
    const isNone = isNaN(output!);
    const hits = to(logicalOr(eq(x, output!), logicalAnd(isNaN(x), isNone)), grad.dtype);
    return [mul(hits, div(grad, sum(hits)))];
  },
});

/** The function with a result for each form of the call. */
export interface Median {
  (x: Tensor): Tensor;
  (x: Tensor, dim: number, options?: ReduceOptions): Sorted;
}

const median_ = (op: string, ignoresNaN: boolean): Median =>
  operation(op, alongDim, ((x: Tensor, dim?: number, options: ReduceOptions = {}) => {
    const { keepDim = false } = options;
    if (dim !== undefined) return medianAlong(op, x, dim, keepDim, ignoresNaN);
    return apply(medianOp, [x], ignoresNaN);
  }) as Median);

/**
 * The median of all elements or, along `dim`, medians and their positions: the lower of two in the middle. NaN if any element is NaN. Over
 * all, equal elements share the gradient evenly, and the median of none is NaN.
 *
 * @throws ShapeError when the dimension is empty.
 * @example
 * median(tensor([4, 1, 3, 2])).item(); // → 2
 * median(tensor([[1, 3, 2], [6, 5, 4]]), 1).indices.toArray(); // → [2,1]
 */
export const median: Median = /* @__PURE__ */ median_("median", false);

/** The median of the elements that are not NaN; NaN where all are. Otherwise like {@link median}. */
export const nanmedian: Median = /* @__PURE__ */ median_("nanmedian", true);

/**
 * The most frequent elements along `dim`, the last unless given, and the last positions where they are: the smallest of equally frequent
 * ones. No NaN equals another.
 *
 * @throws ShapeError when the dimension is empty.
 * @example
 * mode(tensor([3, 1, 3, 2])).values.item(); // → 3
 */
export const mode = /* @__PURE__ */ operation(
  "mode",
  alongDim,
  (x: Tensor, dim = -1, options: ReduceOptions = {}): Sorted => {
    const { keepDim = false } = options;
    const line = lineOf("mode", x, dim);
    const order = sortedOrder(line);
    const along = { op: "mode", dim: line.dim };
    const sorted = apply(gatherOp, [line.x.detach(), order], along);
    // The number of equal elements up to each one is largest at the end of the longest run.
    const continues = to(eq(sorted, shift(sorted, line.dim, 1, 0)), "int32");
    const first = to(eq(continues, continues), "int32");
    const runs = apply(recurrence, [continues, first], { dim: line.dim });
    const end = arg("mode", "max", runs, line.dim, true);
    return selected("mode", line, apply(gatherOp, [order, end], along), keepDim);
  },
);
