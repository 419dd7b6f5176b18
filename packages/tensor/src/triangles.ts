import { checkShape } from "@thalweg/kernels";
import { type CreateOptions, tensor } from "./create";
import { creation } from "./kinds";
import { count, integer, operation, options } from "./signature";
import type { Tensor } from "./tensor";

/** Options of {@link trilIndices} and {@link triuIndices}. */
export interface TriangleOptions extends CreateOptions {
  /** Number of the diagonal that bounds the triangle: 0 is the main one, and positive numbers are above it; 0 unless given. */
  readonly offset?: number;
}

const takes = {
  rows: count,
  columns: count,
  options: /* @__PURE__ */ options<TriangleOptions>({ offset: integer, ...creation }),
};

function positions(
  op: string,
  [rows, columns]: readonly [number, number],
  { offset = 0, ...created }: TriangleOptions,
  has: (distance: number) => boolean,
): Tensor {
  checkShape(op, [rows, columns]);
  const [i, j]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!has(column - row - offset)) continue;
      i.push(row);
      j.push(column);
    }
  }
  return tensor([...i, ...j], { dtype: "int32", ...created, shape: [2, i.length] });
}

/**
 * Rows and columns of the lower triangle of a matrix [rows, columns], in row-major order: [2, n]. The type is int32 unless given.
 *
 * @example
 * trilIndices(2, 2).toArray(); // → [[0,1,1],[0,0,1]]
 */
export const trilIndices = /* @__PURE__ */ operation(
  "trilIndices",
  takes,
  (rows: number, columns: number, options: TriangleOptions = {}): Tensor =>
    positions("trilIndices", [rows, columns], options, (distance) => distance <= 0),
);

/**
 * Rows and columns of the upper triangle of a matrix [rows, columns], in row-major order: [2, n]. The type is int32 unless given.
 *
 * @example
 * triuIndices(2, 2).toArray(); // → [[0,0,1],[0,1,1]]
 */
export const triuIndices = /* @__PURE__ */ operation(
  "triuIndices",
  takes,
  (rows: number, columns: number, options: TriangleOptions = {}): Tensor =>
    positions("triuIndices", [rows, columns], options, (distance) => distance >= 0),
);
