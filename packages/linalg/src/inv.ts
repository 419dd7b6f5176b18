import type { Op, Tensor } from "@thalweg/tensor";
import { apply, operation, tensorKind } from "@thalweg/tensor/internal";
import { orderOf, transposed } from "./arguments";
import { hostOp, Refusal } from "./host-op";
import { factorLU, identity, solveLU } from "./kernels/lu";

/** How an operation treats singular matrices: as an error, or with NaN as their result. */
export type Singular = "error" | "nan";

/** The refusal of a matrix whose factor U has a 0 on its diagonal. */
export const singular = (zero: number): Refusal =>
  new Refusal(`is singular: pivot ${zero} is 0`, "use pinv or lstsq");

export const inverse: Op<Singular> = /* @__PURE__ */ hostOp<Singular>({
  name: "inv",
  saves: "output",
  shape: ([shape]) => shape!,
  compute(policy, { elements, rows }) {
    const lu = factorLU(elements, rows);
    if (lu.zero < 0) return solveLU(lu, identity(rows), rows);
    if (policy === "nan") return new Float64Array(rows * rows).fill(Number.NaN);
    throw singular(lu.zero);
  },
  // A⁻¹' = -A⁻ᵀ·G·A⁻ᵀ
  gradient({ grad, output }) {
    const t = transposed(output!);
    return [t.matmul(grad).matmul(t).neg()];
  },
});

/**
 * The inverse of square matrices, [..., n, n] -> [..., n, n]. To multiply by an inverse, {@link solve} is faster and loses fewer
 * digits.
 *
 * @throws LinAlgError when a matrix is singular.
 * @example
 * linalg.inv(tensor([[2, 0], [0, 4]])).toArray(); // → [[0.5,0],[0,0.25]]
 */
export const inv = /* @__PURE__ */ operation("inv", { x: tensorKind }, (x: Tensor): Tensor => {
  orderOf("inv", x);
  return apply(inverse, [x], "error");
});
