import type { Op, Tensor } from "@thalweg/tensor";
import {
  apply,
  boolean,
  operation,
  options as optionsOf,
  scoped,
  tensorKind,
} from "@thalweg/tensor/internal";
import { orderOf, transposed } from "./arguments";
import { hostOp, Refusal } from "./host-op";
import { factorCholesky } from "./kernels/cholesky";
import { solveTriangular } from "./solve-triangular";

const choleskyOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "cholesky",
  saves: "output",
  shape: ([shape]) => shape!,
  compute(_, { elements, rows }) {
    const order = factorCholesky(elements, rows);
    if (order === 0) return elements;
    throw new Refusal(
      `is not positive definite: its leading minor of order ${order} is not positive`,
      "add a small multiple of the unit matrix",
    );
  },
  // A' = ½·(S + Sᵀ) with S = L⁻ᵀ·Φ(Lᵀ·G)·L⁻¹, where Φ is the lower triangle with half of the diagonal.
  gradient({ grad, output }) {
    const t = transposed(output!);
    const product = t.matmul(grad);
    const half = product.tril().add(product.tril(-1)).mul(0.5);
    const left = solveTriangular(t, half, { upper: true });
    const s = solveTriangular(output!, left, { upper: false, left: false });
    return [s.add(transposed(s)).mul(0.5)];
  },
});

/** Options of {@link cholesky} and {@link choleskySolve}. */
export interface CholeskyOptions {
  /** Whether the factor is U, where A = Uᵀ·U; false unless given, for L, where A = L·Lᵀ. */
  readonly upper?: boolean;
}

const choleskyOptions = /* @__PURE__ */ optionsOf<CholeskyOptions>({ upper: boolean });

/**
 * The Cholesky factor of symmetric positive definite matrices, [..., n, n] -> [..., n, n]. Only one triangle is read, the lower one, or with
 * `upper` the upper one. The gradient is symmetric, as in PyTorch.
 *
 * @throws LinAlgError when a matrix is not positive definite.
 * @example
 * linalg.cholesky(tensor([[4, 2], [2, 5]])).toArray(); // → [[2,0],[1,2]]
 */
export const cholesky = /* @__PURE__ */ operation(
  "cholesky",
  { x: tensorKind, options: choleskyOptions },
  (x: Tensor, options: CholeskyOptions = {}): Tensor => {
    const { upper = false } = options;
    orderOf("cholesky", x);
    return upper
      ? transposed(apply(choleskyOp, [transposed(x)], undefined))
      : apply(choleskyOp, [x], undefined);
  },
);

/**
 * Solves A·X = B by a Cholesky factor of A: [..., n, k], [..., n, n] -> [..., n, k]. Leading dimensions broadcast. The order of the
 * arguments is that of `torch.cholesky_solve`.
 *
 * @example
 * const factor = linalg.cholesky(tensor([[4, 2], [2, 5]]));
 * linalg.choleskySolve(tensor([[8], [8]]), factor).toArray(); // → [[1.5],[1]]
 */
export const choleskySolve = /* @__PURE__ */ operation(
  "choleskySolve",
  { b: tensorKind, factor: tensorKind, options: choleskyOptions },
  (b: Tensor, factor: Tensor, options: CholeskyOptions = {}): Tensor => {
    const { upper = false } = options;
    orderOf("choleskySolve", factor);
    const t = transposed(factor);
    const [lower, above] = upper ? [t, factor] : [factor, t];
    return scoped(() => solveTriangular(above, solveTriangular(lower, b, { upper: false }), { upper: true }));
  },
);
