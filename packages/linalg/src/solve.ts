import { type Op, ShapeError, type Tensor } from "@thalweg/tensor";
import {
  apply,
  boolean,
  formatShape,
  operation,
  options as optionsOf,
  tensorKind,
} from "@thalweg/tensor/internal";
import { orderOf, sameBatch, sizesOf, transposed } from "./arguments";
import { hostOp } from "./host-op";
import { singular } from "./inv";
import { factorLU, solveLU } from "./kernels/lu";

const solveOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "solve",
  saves: "all",
  shape: ([, shape]) => shape!,
  compute(_, a, b) {
    const lu = factorLU(a.elements, a.rows);
    if (lu.zero >= 0) throw singular(lu.zero);
    return solveLU(lu, b.elements, b.columns);
  },
  // X = A⁻¹·B: B' = A⁻ᵀ·G, A' = -B'·Xᵀ
  gradient({ grad, inputs: [a], output, needs }) {
    const right = apply(solveOp, [transposed(a as Tensor), grad], undefined);
    return [needs(0) ? right.matmul(transposed(output!)).neg() : null, needs(1) ? right : null];
  },
});

/** Options of {@link solve}. */
export interface SolveOptions {
  /** Whether A is on the left of X; true unless given. Otherwise the equation is X·A = B. */
  readonly left?: boolean;
}

/** Throws unless the right side has as many rows as the matrices. */
export function checkSides(op: string, a: Tensor, b: Tensor): void {
  if (a.shape.at(-2) === sizesOf(op, b)[0]) return;
  throw new ShapeError(
    op,
    `the sides do not fit, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    "both need the same number of rows",
    [a.shape, b.shape],
  );
}

/** Whether the right side is a vector, or a batch of vectors of the shape that the matrices call for. */
function isVector(a: Tensor, b: Tensor): boolean {
  if (b.ndim === 1) return true;
  const expected = a.shape.slice(0, -1);
  return b.ndim === expected.length && expected.every((extent, d) => extent === b.shape[d]);
}

/**
 * Solves A·X = B for square matrices: [..., n, n], [..., n, k] -> [..., n, k], where leading dimensions broadcast. As in PyTorch,
 * `b` of shape [n], or of the shape of `a` without its last dimension, is a vector for each matrix, and so is the result.
 *
 * @throws LinAlgError when a matrix is singular.
 * @throws ShapeError when the sizes do not fit.
 * @example
 * linalg.solve(tensor([[2, 0], [0, 4]]), tensor([2, 8])).toArray(); // → [1,2]
 */
export const solve = /* @__PURE__ */ operation(
  "solve",
  { a: tensorKind, b: tensorKind, options: /* @__PURE__ */ optionsOf<SolveOptions>({ left: boolean }) },
  (a: Tensor, b: Tensor, options: SolveOptions = {}): Tensor => {
    const { left = true } = options;
    orderOf("solve", a);
    if (isVector(a, b)) return solved(left ? a : transposed(a), b.unsqueeze(-1)).squeeze(-1);
    sizesOf("solve", b);
    return left ? solved(a, b) : transposed(solved(transposed(a), transposed(b)));
  },
);

function solved(a: Tensor, b: Tensor): Tensor {
  checkSides("solve", a, b);
  return apply(solveOp, sameBatch("solve", a, b), undefined);
}
