import { formatShape, normalizeDim, type Shape, ShapeError } from "@thalweg/kernels";
import { dims, sizesOrMinusOne, tensor } from "../../kinds";
import { integer, list, number, operation, optional } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { clone } from "../map/clone";
import { inferShape, reshapeTo } from "./reshape";
import { transpose } from "./shape";
import { flip } from "./slice";
import { permuteOp } from "./view";

/**
 * Moves dimensions to other places, and keeps the order of the rest. A view.
 *
 * @throws ShapeError when the two lists differ in length or name a dimension twice.
 * @example
 * movedim(zeros([2, 3, 4]), 0, -1).shape; // → [3,4,2]
 */
export const movedim = /* @__PURE__ */ operation(
  "movedim",
  { x: tensor, source: dims, destination: dims },
  (x: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor => {
    const [from, to] = [[source].flat(), [destination].flat()].map((list) =>
      list.map((dim) => normalizeDim("movedim", dim, x.ndim)),
    ) as [number[], number[]];
    if (from.length !== to.length || [from, to].some((list) => new Set(list).size < list.length)) {
      throw new ShapeError(
        "movedim",
        `dims ${formatShape([source].flat())} cannot move to ${formatShape([destination].flat())}`,
        "name as many places as dimensions, each once",
        [x.shape],
      );
    }
    if (x.ndim === 0) return apply(permuteOp, [x], []);
    const rest = x.shape.map((_, d) => d).filter((d) => !from.includes(d));
    const order = x.shape.map((_, d) => (to.includes(d) ? from[to.indexOf(d)]! : rest.shift()!));
    return apply(permuteOp, [x], order);
  },
);

/**
 * Splits the dimension `dim` into dimensions of these sizes, one of which may be -1. The opposite of {@link flatten}. A view where
 * the strides allow it, otherwise a copy.
 *
 * @throws ShapeError when the sizes do not fit.
 * @example
 * unflatten(zeros([2, 6]), 1, [3, -1]).shape; // → [2,3,2]
 */
export const unflatten = /* @__PURE__ */ operation(
  "unflatten",
  { x: tensor, dim: number, sizes: sizesOrMinusOne },
  (x: Tensor, dim: number, sizes: Shape): Tensor => {
    const d = normalizeDim("unflatten", dim, x.ndim);
    if (sizes.length === 0 || x.ndim === 0) {
      throw new ShapeError(
        "unflatten",
        `no sizes for dim ${dim} of shape ${formatShape(x.shape)}`,
        "give one at least",
        [x.shape],
      );
    }
    return reshapeTo(x, x.shape.toSpliced(d, 1, ...inferShape("unflatten", [x.shape[d]!], sizes)));
  },
);

/**
 * Turns the plane of two dimensions by `k` right angles, from the first towards the second; `k` is 1 and `dims` the first two
 * dimensions unless given. A copy.
 *
 * @example
 * rot90(tensor([[1, 2], [3, 4]])).toArray(); // → [[2,4],[1,3]]
 */
export const rot90 = /* @__PURE__ */ operation(
  "rot90",
  { x: tensor, k: optional(integer), dims: optional(list(number, 2)) },
  (x: Tensor, k = 1, dims: readonly number[] = [0, 1]): Tensor => {
    const [a, b] = dims.map((dim) => normalizeDim("rot90", dim, x.ndim)) as [number, number];
    if (a === b) {
      throw new ShapeError(
        "rot90",
        `both dims are ${a}, shape ${formatShape(x.shape)}`,
        "name two different dimensions",
        [x.shape],
      );
    }
    const turns = ((k % 4) + 4) % 4;
    if (turns === 0) return clone(x);
    if (turns === 2) return clone(flip(x, [a, b]));
    const turned = transpose(x, a, b);
    return clone(flip(turned, turns === 1 ? [a] : [b]));
  },
);
