import { checkShape, formatShape, normalizeDim, type Shape, ShapeError } from "@thalweg/kernels";
import { maybeDim, maybeDims, sizesOrMinusOne, tensor } from "../../kinds";
import { list, number, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { inferShape, reshapeTo } from "./reshape";
import { expandOp, permuteOp } from "./view";

/**
 * The same elements in another shape. One size may be -1, which is inferred. A view where the strides allow it, otherwise
 * a copy.
 *
 * @example
 * tensor([1, 2, 3, 4, 5, 6]).reshape([2, -1]).shape; // → [2,3]
 */
export const reshape = operation(
  "reshape",
  { x: tensor, shape: sizesOrMinusOne },
  (x: Tensor, shape: Shape): Tensor => {
    const sizes = Array.isArray(shape) ? shape.map((n) => (n === -1 ? 0 : n)) : shape;
    checkShape("reshape", sizes, Number.MAX_SAFE_INTEGER);
    return reshapeTo(x, inferShape("reshape", x.shape, shape));
  },
);

/** Reorders the dimensions. A view. */
export const permute = operation(
  "permute",
  { x: tensor, dims: list(number) },
  (x: Tensor, dims: readonly number[]): Tensor => {
    const order = dims.map((dim) => normalizeDim("permute", dim, x.ndim));
    if (order.length !== x.ndim || new Set(order).size !== order.length) {
      throw new ShapeError(
        "permute",
        `dims ${formatShape(dims)} are not an order of the ${x.ndim} dimensions of shape ${formatShape(x.shape)}`,
        "name each dimension once",
        [x.shape],
      );
    }
    return apply(permuteOp, [x], order);
  },
);

/** Swaps two dimensions. A view. */
export const transpose = operation(
  "transpose",
  { x: tensor, dim0: number, dim1: number },
  (x: Tensor, dim0: number, dim1: number): Tensor => {
    const [a, b] = [normalizeDim("transpose", dim0, x.ndim), normalizeDim("transpose", dim1, x.ndim)];
    if (x.ndim === 0) return apply(permuteOp, [x], []);
    const order = x.shape.map((_, d) => (d === a ? b : d === b ? a : d));
    return apply(permuteOp, [x], order);
  },
);

/**
 * Removes dimensions of extent 1: those in `dim`, or all of them unless given. Other dimensions in `dim` are kept. A
 * view.
 */
export const squeeze = operation(
  "squeeze",
  { x: tensor, dim: maybeDims },
  (x: Tensor, dim?: number | readonly number[]): Tensor => {
    const named = dim === undefined ? undefined : typeof dim === "number" ? [dim] : dim;
    const dims = named?.map((d) => normalizeDim("squeeze", d, x.ndim));
    return reshapeTo(
      x,
      x.shape.filter((extent, d) => extent !== 1 || (dims !== undefined && !dims.includes(d))),
    );
  },
);

/** Inserts a dimension of extent 1 before `dim`. A view. */
export const unsqueeze = operation(
  "unsqueeze",
  { x: tensor, dim: number },
  (x: Tensor, dim: number): Tensor => {
    const at = normalizeDim("unsqueeze", dim, x.ndim + 1);
    return reshapeTo(x, x.shape.toSpliced(at, 0, 1));
  },
);

/**
 * Merges the dimensions from `start` to `end`, both included; the first and the last unless given. A view where the
 * strides allow it, otherwise a copy.
 */
export const flatten = operation(
  "flatten",
  { x: tensor, start: maybeDim, end: maybeDim },
  (x: Tensor, start = 0, end = -1): Tensor => {
    const [from, to] = [normalizeDim("flatten", start, x.ndim), normalizeDim("flatten", end, x.ndim)];
    if (from > to) {
      throw new ShapeError(
        "flatten",
        `the first dim comes after the last, ${start} and ${end} of shape ${formatShape(x.shape)}`,
        "swap them",
        [x.shape],
      );
    }
    if (x.ndim === 0) return reshapeTo(x, [1]);
    const merged = x.shape.slice(from, to + 1).reduce((a, b) => a * b, 1);
    return reshapeTo(x, x.shape.toSpliced(from, to - from + 1, merged));
  },
);

/** Repeats dimensions of extent 1 without copying; -1 keeps an extent. A view. */
export const expand = operation(
  "expand",
  { x: tensor, shape: sizesOrMinusOne },
  (x: Tensor, shape: Shape): Tensor => {
    const lead = shape.length - x.ndim;
    return apply(
      expandOp,
      [x],
      shape.map((extent, d) => (extent === -1 ? (x.shape[d - lead] ?? extent) : extent)),
    );
  },
);
