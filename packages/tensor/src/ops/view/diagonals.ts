import { formatShape, normalizeDim, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { integer, number, operation, optional, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { clone } from "../map/clone";
import { sum } from "../reduce/sums";
import { type DiagonalOptions, diagonal as diagonalOf } from "./slice";
import { type Diagonal, diagonalOp, scatterView, type ViewRecord } from "./view";

function embedded(x: Tensor, attrs: Diagonal): Tensor {
  const extent = x.shape.at(-1)! + Math.abs(attrs.offset);
  const shape = [...x.shape.slice(0, -1)];
  for (const d of [attrs.dim1, attrs.dim2].toSorted((a, b) => a - b)) shape.splice(d, 0, extent);
  return apply(scatterView, [x], { shape, view: diagonalOp as ViewRecord<unknown>, attrs, fill: 0 });
}

/**
 * Matrices with the last dimension of x on a diagonal, and zeros elsewhere: [..., n] -> [..., n, n]. `offset` counts from the main
 * diagonal. The rows are the dimension `dim1` of the result, and the columns `dim2`; they are the last two unless given.
 *
 * @throws IndexError for a scalar.
 * @throws ShapeError when both dimensions are the same.
 * @example
 * diagEmbed(tensor([1, 2]), { offset: 1 }).toArray(); // → [[0,1,0],[0,0,2],[0,0,0]]
 */
export const diagEmbed = /* @__PURE__ */ operation(
  "diagEmbed",
  { x: tensor, options: options<DiagonalOptions>({ offset: integer, dim1: number, dim2: number }) },
  (x: Tensor, { offset = 0, dim1 = -2, dim2 = -1 }: DiagonalOptions = {}): Tensor => {
    const [a, b] = [normalizeDim("diagEmbed", dim1, x.ndim + 1), normalizeDim("diagEmbed", dim2, x.ndim + 1)];
    if (a === b) {
      throw new ShapeError(
        "diagEmbed",
        `both dims are ${a}, shape ${formatShape(x.shape)}`,
        "name two different dimensions",
        [x.shape],
      );
    }
    return embedded(x, { offset, dim1: a, dim2: b });
  },
);

/**
 * A matrix with the vector x on its diagonal, or the diagonal of the matrix x as a vector. `diagonal` counts from the main one and
 * is 0 unless given. A copy; `diagonal` of a tensor is a view.
 *
 * @throws ShapeError for other shapes.
 * @example
 * diag(tensor([1, 2])).toArray(); // → [[1,0],[0,2]]
 */
export const diag = /* @__PURE__ */ operation(
  "diag",
  { x: tensor, diagonal: optional(integer) },
  (x: Tensor, diagonal = 0): Tensor => {
    if (x.ndim === 1) return embedded(x, { offset: diagonal, dim1: 0, dim2: 1 });
    checkMatrix("diag", "a vector or a matrix", x);
    return clone(diagonalOf(x, { offset: diagonal }));
  },
);

/**
 * Sum of the main diagonal of a matrix.
 *
 * @throws ShapeError when x is no matrix.
 */
export const trace = /* @__PURE__ */ operation("trace", { x: tensor }, (x: Tensor): Tensor => {
  checkMatrix("trace", "a matrix", x);
  return sum(diagonalOf(x));
});

function checkMatrix(op: string, what: string, { ndim, shape }: Tensor): void {
  if (ndim !== 2)
    throw new ShapeError(op, `needs ${what}, got shape ${formatShape(shape)}`, "select one first", [shape]);
}
