import type { Op, Tensor } from "@thalweg/tensor";
import { apply, operation, tensorKind } from "@thalweg/tensor/internal";
import { orderOf, transposed } from "./arguments";
import { hostOp, type Matrix } from "./host-op";
import { inverse } from "./inv";
import { singularValues } from "./kernels/jacobi";
import { factorLU } from "./kernels/lu";

function determinant(a: Float64Array, n: number): number {
  const { factors, sign } = factorLU(a, n);
  let product = sign;
  for (let i = 0; i < n; i++) product *= factors[i * n + i]!;
  return product;
}

const perMatrix = (x: Tensor): Tensor => x.unsqueeze(-1).unsqueeze(-1);

/** The matrix of cofactors, det(A)·A⁻ᵀ, which singular matrices have, too. Its own gradient needs the inverse. */
const cofactorOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "cofactors",
  saves: "all",
  shape: ([shape]) => shape!,
  compute: (_, x) => cofactors(x),
  // C = det·A⁻ᵀ: A' = (Σ G∘C)·A⁻ᵀ - A⁻ᵀ·Gᵀ·C
  gradient({ grad, inputs: [x], output }) {
    const t = transposed(apply(inverse, [x as Tensor], "nan"));
    const scale = perMatrix(grad.mul(output!).sum([-2, -1]));
    return [t.mul(scale).sub(t.matmul(transposed(grad)).matmul(output!))];
  },
});

/** From A = U·S·Vᵀ: det(U)·det(V)·U·T·Vᵀ, where T has the products of all other singular values. */
function cofactors({ elements, rows: n }: Matrix): Float64Array {
  const out = new Float64Array(n * n);
  if (!elements.every(Number.isFinite)) return out.fill(Number.NaN);
  const { U, S, V } = singularValues(elements, n, n);
  const sign = Math.sign(determinant(U.slice(), n) * determinant(V.slice(), n));
  for (let k = 0; k < n; k++) {
    const others = S.reduce((product, s, i) => (i === k ? product : product * s), sign);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) out[i * n + j]! += others * U[i * n + k]! * V[j * n + k]!;
    }
  }
  return out;
}

const detOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "det",
  saves: "inputs",
  shape: ([shape]) => shape!.slice(0, -2),
  compute: (_, x) => [determinant(x.elements, x.rows)],
  gradient: ({ grad, inputs: [x] }) => [perMatrix(grad).mul(apply(cofactorOp, [x as Tensor], undefined))],
});

/**
 * The determinant of square matrices, [..., n, n] -> [...]; 1 for an empty one. Singular matrices have a gradient, but no second
 * one: that is NaN.
 *
 * @example
 * linalg.det(tensor([[1, 2], [3, 4]])).item(); // → -2
 */
export const det = /* @__PURE__ */ operation("det", { x: tensorKind }, (x: Tensor): Tensor => {
  orderOf("det", x);
  return apply(detOp, [x], undefined);
});

/** Sign and logarithm, along a last dimension of 2. */
const slogdetOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "slogdet",
  saves: "inputs",
  shape: ([shape]) => [...shape!.slice(0, -2), 2],
  compute(_, { elements, rows }) {
    const lu = factorLU(elements, rows);
    let { sign } = lu;
    let log = 0;
    for (let i = 0; i < rows; i++) {
      const pivot = lu.factors[i * rows + i]!;
      sign *= Math.sign(pivot);
      log += Math.log(Math.abs(pivot));
    }
    return [lu.zero >= 0 ? 0 : sign, log];
  },
  // log|det A|' = G·A⁻ᵀ
  gradient: ({ grad, inputs: [x] }) => [
    perMatrix(grad.select(-1, 1)).mul(transposed(apply(inverse, [x as Tensor], "nan"))),
  ],
});

/** Result of {@link slogdet}. */
export interface Slogdet {
  /** -1, 0 or 1; it has no gradient. */
  readonly sign: Tensor;
  /** log |det|; -∞ for singular matrices. */
  readonly logabsdet: Tensor;
}

/**
 * Sign and logarithm of the determinant of square matrices, both [..., n, n] -> [...], where the determinant itself would be too large
 * or too small. The gradient of a singular matrix is NaN.
 *
 * @example
 * const { sign, logabsdet } = linalg.slogdet(tensor([[0, 1], [1, 0]]));
 * [sign.item(), logabsdet.item()]; // → [-1,0]
 */
export const slogdet = /* @__PURE__ */ operation("slogdet", { x: tensorKind }, (x: Tensor): Slogdet => {
  orderOf("slogdet", x);
  const both = apply(slogdetOp, [x], undefined);
  return { sign: both.select(-1, 0).detach(), logabsdet: both.select(-1, 1) };
});
