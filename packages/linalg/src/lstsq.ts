import { type Tensor, zeros } from "@thalweg/tensor";
import { apply, atLeastZero, operation, options as optionsOf, tensorKind } from "@thalweg/tensor/internal";
import { sameBatch, sizesOf } from "./arguments";
import { rankOp } from "./matrix-rank";
import { leastSquaresOp } from "./pinv";
import { checkSides } from "./solve";
import { svdvals } from "./svd";
import { relativeBound } from "./tolerance";

/** Options of {@link lstsq}. */
export interface LstsqOptions {
  /**
   * Singular values up to this share of the largest count as 0; the larger number of rows and columns times the precision of the element
   * type unless given.
   */
  readonly rcond?: number;
}

/** Result of {@link lstsq}. */
export interface Lstsq {
  /** [..., n, k]. Of several solutions, the one with the smallest norm. */
  readonly solution: Tensor;
  /** Sums of squares of A·X - B for each column, [..., k], if there are more rows than columns; otherwise empty. */
  readonly residuals: Tensor;
  /** Rank of A, [...], int32. */
  readonly rank: Tensor;
  /** Singular values of A in descending order, [..., min(m, n)]. */
  readonly singularValues: Tensor;
}

/**
 * Least squares: the X that makes ‖A·X - B‖ smallest, for [..., m, n] and [..., m, k], where leading dimensions broadcast. It computes
 * as the driver `"gelsd"` of PyTorch does, by singular values. The residuals are also those of matrices that lack full rank, where
 * PyTorch's are empty.
 *
 * @throws LinAlgError when an element of A is not finite.
 * @throws ShapeError when the sizes do not fit.
 * @example
 * const a = tensor([[1, 0], [1, 1], [1, 2]]);
 * linalg.lstsq(a, tensor([[1], [3], [5]])).solution.round().toArray(); // → [[1],[2]]
 */
export const lstsq = /* @__PURE__ */ operation(
  "lstsq",
  {
    a: tensorKind,
    b: tensorKind,
    options: /* @__PURE__ */ optionsOf<LstsqOptions>({ rcond: atLeastZero }),
  },
  (a: Tensor, b: Tensor, options: LstsqOptions = {}): Lstsq => {
    const [rows, columns] = sizesOf("lstsq", a);
    checkSides("lstsq", a, b);
    const bounds = { atol: 0, rtol: options.rcond ?? relativeBound("lstsq", a) };
    const [wide, sides] = sameBatch("lstsq", a, b);
    const solution = apply(leastSquaresOp, [wide, sides], bounds);
    const residuals =
      rows > columns ? wide.matmul(solution).sub(sides).square().sum(-2) : zeros([0], { dtype: a.dtype });
    return { solution, residuals, rank: apply(rankOp, [a], bounds), singularValues: svdvals(a) };
  },
);
