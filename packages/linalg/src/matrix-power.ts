import { eye, type Tensor } from "@thalweg/tensor";
import { integer, operation, scoped, tensorKind } from "@thalweg/tensor/internal";
import { orderOf } from "./arguments";
import { inv } from "./inv";

/** Products of xᵏ for the powers of two in the exponent. */
function raised(x: Tensor, exponent: number): Tensor {
  let square = x;
  let result: Tensor | null = null;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === null ? square : result.matmul(square);
    if (rest > 1) square = square.matmul(square);
  }
  return result!;
}

/**
 * A whole power of square matrices, [..., n, n] -> [..., n, n]. 0 gives unit matrices, and negative exponents powers of the inverse.
 *
 * @throws LinAlgError when the exponent is negative and a matrix is singular.
 * @example
 * linalg.matrixPower(tensor([[1, 1], [0, 1]]), 5).toArray(); // → [[1,5],[0,1]]
 */
export const matrixPower = /* @__PURE__ */ operation(
  "matrixPower",
  { x: tensorKind, exponent: integer },
  (x: Tensor, exponent: number): Tensor => {
    const n = orderOf("matrixPower", x);
    if (exponent === 0)
      return eye(n, undefined, { dtype: x.dtype, device: x.device }).expand(x.shape).clone();
    if (exponent === 1) return x.clone();
    return scoped(() => raised(exponent < 0 ? inv(x) : x, Math.abs(exponent)));
  },
);
