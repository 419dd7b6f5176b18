import { broadcastShapes, formatShape, type Shape, ShapeError } from "@thalweg/kernels";
import { tensors } from "../../kinds";
import { oneOf, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { commonType } from "../types";
import { reshapeTo } from "../view/reshape";
import { transpose } from "../view/shape";
import { embed, expandOp } from "../view/view";
import { cat } from "./cat";

/** With dimensions of extent 1 before its own, to have `ndim` at least. */
const atLeast = (x: Tensor, ndim: number) =>
  x.ndim >= ndim ? x : reshapeTo(x, [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape]);

/**
 * Joins tensors side by side: along the second dimension, or the only one. Scalars are vectors of one element. A copy.
 *
 * @example
 * hstack([tensor([1, 2]), tensor([3])]).toArray(); // → [1,2,3]
 */
export const hstack = /* @__PURE__ */ operation(
  "hstack",
  { tensors: tensors },
  (tensors: readonly Tensor[]): Tensor => {
    const rows = tensors.map((x) => atLeast(x, 1));
    return cat(rows, rows[0]?.ndim === 1 ? 0 : 1);
  },
);

/**
 * Joins tensors one above the other, along the first dimension. Vectors are rows. A copy.
 *
 * @example
 * vstack([tensor([1, 2]), tensor([3, 4])]).toArray(); // → [[1,2],[3,4]]
 */
export const vstack = /* @__PURE__ */ operation(
  "vstack",
  { tensors: tensors },
  (tensors: readonly Tensor[]): Tensor =>
    cat(
      tensors.map((x) => atLeast(x, 2)),
      0,
    ),
);

/**
 * Broadcasts tensors to their common shape. Views.
 *
 * @throws ShapeError when they do not broadcast.
 */
export const broadcastTensors = /* @__PURE__ */ operation(
  "broadcastTensors",
  { tensors: tensors },
  (tensors: readonly Tensor[]): Tensor[] => {
    const shape = broadcastShapes(
      "broadcastTensors",
      tensors.map((x) => x.shape),
    );
    return tensors.map((x) => apply(expandOp, [x], shape));
  },
);

/** Options of {@link meshgrid}. */
export interface MeshgridOptions {
  /** `"ij"` for one dimension for each vector in their order, `"xy"` to swap the first two; `"ij"` unless given. */
  readonly indexing?: "ij" | "xy";
}

/**
 * The coordinates of the points of a grid: for each vector, a tensor with one dimension for each of them, along one of which it
 * changes. Scalars are vectors of one element. Views.
 *
 * @throws ShapeError when one has more dimensions.
 * @throws DTypeError when the types differ.
 * @example
 * const [rows, columns] = meshgrid([tensor([1, 2]), tensor([3, 4])]);
 * rows!.toArray(); // → [[1,1],[2,2]]
 * columns!.toArray(); // → [[3,4],[3,4]]
 */
export const meshgrid = /* @__PURE__ */ operation(
  "meshgrid",
  { tensors: tensors, options: options<MeshgridOptions>({ indexing: oneOf("ij", "xy") }) },
  (tensors: readonly Tensor[], { indexing = "ij" }: MeshgridOptions = {}): Tensor[] => {
    const wrong = tensors.find((x) => x.ndim > 1);
    if (wrong !== undefined || tensors.length === 0) {
      throw new ShapeError(
        "meshgrid",
        wrong === undefined ? "the list is empty" : `needs vectors, got shape ${formatShape(wrong.shape)}`,
        wrong === undefined ? "pass at least one vector" : "flatten it first",
      );
    }
    commonType("meshgrid", tensors);
    const isSwapped = indexing === "xy" && tensors.length > 1;
    const shape: Shape = tensors.map((x) => x.size);
    return tensors.map((x, d) => {
      const column = reshapeTo(
        x,
        shape.map((_, k) => (k === d ? x.size : 1)),
      );
      const grid = apply(expandOp, [column], shape);
      return isSwapped ? transpose(grid, 0, 1) : grid;
    });
  },
);

/**
 * A matrix with the given ones along its diagonal, and zeros elsewhere. Vectors are rows, scalars are matrices of one element. A copy.
 *
 * @throws ShapeError when one has more than two dimensions.
 * @example
 * blockDiag([tensor([[1, 2]]), tensor(3)]).toArray(); // → [[1,2,0],[0,0,3]]
 */
export const blockDiag = /* @__PURE__ */ operation(
  "blockDiag",
  { tensors: tensors },
  (tensors: readonly Tensor[]): Tensor => {
    const wrong = tensors.find((x) => x.ndim > 2);
    if (wrong !== undefined) {
      throw new ShapeError(
        "blockDiag",
        `needs matrices, got shape ${formatShape(wrong.shape)}`,
        "flatten it first",
        [wrong.shape],
      );
    }
    const blocks = tensors.map((x) => atLeast(x, 2));
    const width = blocks.reduce((sum, x) => sum + x.shape[1]!, 0);
    let start = 0;
    const rows = blocks.map((x) => {
      const [height, length] = x.shape as [number, number];
      const row = embed(x, [height, width], { dim: 1, start, length, step: 1 }, 0);
      start += length;
      return row;
    });
    return cat(rows, 0);
  },
);
