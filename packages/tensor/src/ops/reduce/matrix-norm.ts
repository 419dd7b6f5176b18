import { formatShape, normalizeDim, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { boolean, integer, kind, list, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { abs } from "../map/arithmetic";
import type { Draw } from "../sample";
import { amax, amin } from "./extrema";
import { norm } from "./norms";
import type { ReduceOptions } from "./reduction";
import { sum } from "./sums";

/** Options of {@link matrixNorm}. */
export interface MatrixNormOptions extends ReduceOptions {
  /**
   * The Frobenius norm "fro", the largest (1) or smallest (-1) sum of a column, or the largest (Infinity) or smallest (-Infinity) sum of a
   * row, each of absolute values; "fro" unless given. `linalg.matrixNorm` of `@thalweg/linalg` has the norms of singular values, too.
   */
  readonly p?: "fro" | number;
  /** The dimensions of rows and columns; the last two unless given. */
  readonly dim?: readonly number[];
}

/** The dimensions of rows and columns, from 0 on; throws unless there are two. */
export function matrixDims({ ndim, shape }: Tensor, dim: readonly number[]): [rows: number, columns: number] {
  if (ndim < 2) {
    throw new ShapeError(
      "matrixNorm",
      `needs a matrix, got shape ${formatShape(shape)}`,
      "use norm for a vector",
      [shape],
    );
  }
  const [rows, columns] = dim.map((d) => normalizeDim("matrixNorm", d, ndim)) as [number, number];
  if (rows !== columns) return [rows, columns];
  throw new ShapeError(
    "matrixNorm",
    `both dims are ${rows}, shape ${formatShape(shape)}`,
    "name two different dimensions",
    [shape],
  );
}

function normOf(x: Tensor, options: MatrixNormOptions = {}): Tensor {
  const { p = "fro", dim = [-2, -1], keepDim = false } = options;
  const [rows, columns] = matrixDims(x, dim);
  if (p === "fro") return norm(x, [rows, columns], { keepDim });
  const [inside, outside] = Math.abs(p) === 1 ? [rows, columns] : [columns, rows];
  const sums = sum(abs(x), inside, { keepDim: true });
  const extreme = (p > 0 ? amax : amin)(sums, outside, { keepDim: true });
  return keepDim ? extreme : extreme.squeeze([rows, columns]);
}

const order = /* @__PURE__ */ kind(
  '"fro", 1, -1, Infinity or -Infinity',
  (value) =>
    value === "fro" || (typeof value === "number" && [1, Number.POSITIVE_INFINITY].includes(Math.abs(value))),
);

/**
 * Norms of matrices, of the last two dimensions unless `dim` names others.
 *
 * @throws ShapeError when there are no two dimensions.
 * @example
 * matrixNorm(tensor([[1, -2], [3, 4]]), { p: 1 }).item(); // → 6
 */
export const matrixNorm = /* @__PURE__ */ composite(normOf, {
  name: "matrixNorm",
  takes: {
    x: tensor,
    options: options<MatrixNormOptions>({
      p: order,
      dim: list(integer, 2),
      keepDim: boolean,
    }),
  },
  forward: ([x], attrs: MatrixNormOptions) => normOf(x as Tensor, attrs),
  sample(draw: Draw) {
    // Sums of several elements may tie.
    const sizes = draw.boolean() ? [1, draw.int(1, 3)] : [draw.int(1, 3), 1];
    const shape = draw.boolean() ? sizes : [draw.int(1, 2), ...sizes];
    const domain = { min: 0.5, max: 2, distinct: true };
    const p = draw.pick(["fro", 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const);
    return {
      inputs: [{ shape, domain }],
      attrs: {
        p,
        dim: draw.pick([
          [-2, -1],
          [-1, -2],
        ]),
        keepDim: draw.boolean(),
      },
    };
  },
  errors: [{ shapes: [[2]] }, { shapes: [[2, 2]], args: [{ dim: [1, -1] }] }],
});
