import type { Op, Tensor } from "@thalweg/tensor";
import { apply } from "@thalweg/tensor/internal";
import { transposed } from "./arguments";
import { hostOp } from "./host-op";
import { columnsOfQ, reflect } from "./kernels/householder";

const complementOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "complement",
  saves: "all",
  shape: ([shape]) => {
    const [rows, columns] = shape!.slice(-2) as [number, number];
    return [...shape!.slice(0, -1), rows - columns];
  },
  compute: (_, { elements, rows, columns }) => columnsOfQ(reflect(elements, rows, columns), columns, rows),
  // As Qᵀ·N = 0, a change dQ of Q makes a change -Q·dQᵀ·N of N, so Q' = -N·Gᵀ·Q.
  gradient({ grad, inputs: [q], output }) {
    return [
      output!
        .matmul(transposed(grad))
        .matmul(q as Tensor)
        .neg(),
    ];
  },
});

/** An orthonormal basis of what is orthogonal to orthonormal columns, [..., m, k] -> [..., m, m - k]. */
export const complement = (q: Tensor): Tensor => apply(complementOp, [q], undefined);
