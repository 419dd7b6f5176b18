import { formatShape, normalizeDim, runKernel, ShapeError } from "@thalweg/kernels";
import { zerosLike } from "../../create";
import { maybeDim, tensor } from "../../kinds";
import { boolean, count, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp, noGradient } from "../define-op";
import { clone } from "../map/clone";
import type { Op, OpSamples } from "../op";
import { sliceOp } from "../view/view";
import { gatherOp } from "./gather";

/** Options of {@link sort}. */
export interface SortOptions {
  /** Whether the largest element comes first; false unless given. */
  readonly descending?: boolean;
}

/** Sorted elements, and their positions in the input. */
export interface Sorted {
  readonly values: Tensor;
  /** Positions of the values along the sorted dimension of the input; int32. */
  readonly indices: Tensor;
}

interface Order {
  readonly dim: number;
  readonly descending: boolean;
}

export const argsortOp: Op<Order> = kernelOp<Order>({
  name: "argsort",
  kind: "index",
  types: { any: true, result: "int32" },
  differentiable: false,
  shape: ([shape]) => shape!,
  run: (backend, out, [x], { dim, descending }) => runKernel(backend, "argsort", out, x!, dim, descending),
  gradient: noGradient,
});

export const argsortSamples: OpSamples<Order> = {
  op: argsortOp,
  sample(draw) {
    const shape = draw.shape(1, 3);
    return {
      inputs: [{ shape, domain: { min: -2, max: 2, distinct: true } }],
      attrs: { dim: draw.int(0, shape.length - 1), descending: draw.boolean() },
    };
  },
};

function pickSorted(op: string, x: Tensor, indices: Tensor, dim: number): Sorted {
  if (x.ndim === 0) return { values: clone(x), indices };
  return { values: apply(gatherOp, [x, indices], { op, dim }), indices };
}

/**
 * Sorts along `dim` (the last unless given), ascending unless `descending` is true. NaN counts as the largest, and equal
 * elements keep their order. The indices are int32.
 *
 * @example
 * const { values, indices } = tensor([3, 1, 2]).sort(0);
 * values.toArray(); // → [1,2,3]
 * indices.toArray(); // → [1,2,0]
 */
export const sort = operation(
  "sort",
  { x: tensor, dim: maybeDim, options: options({ descending: boolean }) },
  (x: Tensor, dim = -1, options: SortOptions = {}): Sorted => {
    const { descending = false } = options;
    const d = normalizeDim("sort", dim, x.ndim);
    const indices =
      x.ndim === 0 ? zerosLike(x, { dtype: "int32" }) : apply(argsortOp, [x], { dim: d, descending });
    return pickSorted("sort", x, indices, d);
  },
  argsortOp,
);

/**
 * The positions of the elements along `dim` (the last unless given) in sorted order, int32: the indices of {@link sort}.
 *
 * @example
 * const x = tensor([[3, 1, 2], [0, 5, 4]]);
 * argsort(x).toArray(); // → [[1,2,0],[0,2,1]]
 * argsort(x, 0, { descending: true }).toArray(); // → [[0,1,1],[1,0,0]]
 */
export const argsort = /* @__PURE__ */ operation(
  "argsort",
  { x: tensor, dim: maybeDim, options: options({ descending: boolean }) },
  // Sharing this with `sort` would make the smallest program larger.
  (x: Tensor, dim = -1, { descending = false }: SortOptions = {}): Tensor => {
    const d = normalizeDim("argsort", dim, x.ndim);
    return x.ndim === 0 ? zerosLike(x, { dtype: "int32" }) : apply(argsortOp, [x], { dim: d, descending });
  },
  argsortOp,
);

/** Options of {@link topk}. */
export interface TopkOptions {
  /** Whether to take the largest elements, in descending order, or the smallest, in ascending order; true unless given. */
  readonly largest?: boolean;
}

/** The `k` largest elements along `dim` (the last unless given), in descending order, or the smallest. NaN counts as the largest. */
export const topk = operation(
  "topk",
  { x: tensor, k: count, dim: maybeDim, options: options({ largest: boolean }) },
  (x: Tensor, k: number, dim = -1, options: TopkOptions = {}): Sorted => {
    const { largest = true } = options;
    const d = normalizeDim("topk", dim, x.ndim);
    const extent = x.shape[d] ?? 1;
    if (!Number.isInteger(k) || k < 0 || k > extent) {
      throw new ShapeError(
        "topk",
        `cannot take ${k}, dim ${d} of shape ${formatShape(x.shape)} has ${extent} elements`,
        `use a k from 0 to ${extent}`,
        [x.shape],
      );
    }
    if (x.ndim === 0) return sort(x);
    const order = apply(argsortOp, [x], { dim: d, descending: largest });
    return pickSorted("topk", x, apply(sliceOp, [order], { dim: d, start: 0, length: k, step: 1 }), d);
  },
);
