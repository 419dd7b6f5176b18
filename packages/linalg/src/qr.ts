import { cat, type Op, type Tensor, zeros } from "@thalweg/tensor";
import { apply, oneOf, operation, options as optionsOf, tensorKind } from "@thalweg/tensor/internal";
import { sizesOf, transposed } from "./arguments";
import { complement } from "./complement";
import { hostOp } from "./host-op";
import { columnsOfQ, reflect } from "./kernels/householder";
import { solveTriangular } from "./solve-triangular";

/** Q above Rᵀ, [..., rows + columns, k] with k = min(rows, columns). */
const qrOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "qr",
  saves: "output",
  shape: ([shape]) => {
    const [rows, columns] = shape!.slice(-2) as [number, number];
    return [...shape!.slice(0, -2), rows + columns, Math.min(rows, columns)];
  },
  compute(_, { elements, rows, columns }) {
    const k = Math.min(rows, columns);
    const reflections = reflect(elements, rows, columns);
    const both = new Float64Array((rows + columns) * k);
    both.set(columnsOfQ(reflections, 0, k));
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < k && i <= j; i++) both[(rows + j) * k + i] = elements[i * columns + j]!;
    }
    return both;
  },
  gradient({ grad, output, shapes: [shape] }) {
    const [rows, columns] = shape!.slice(-2) as [number, number];
    const [q, r] = parts(output!, rows, columns);
    const [gradQ, gradR] = parts(grad, rows, columns);
    if (rows >= columns) return [tallGradient(q, r, gradQ, gradR)];
    // A = [A1, A2] with A1 = Q·R1 square and R2 = Qᵀ·A2.
    const split = (x: Tensor) => [x.narrow(-1, 0, rows), x.narrow(-1, rows, columns - rows)] as const;
    const [[r1, r2], [gradR1, gradR2]] = [split(r), split(gradR)];
    const through = gradQ.add(q.matmul(r2).matmul(transposed(gradR2)));
    return [cat([tallGradient(q, r1, through, gradR1), q.matmul(gradR2)], -1)];
  },
});

const parts = (both: Tensor, rows: number, columns: number): [q: Tensor, r: Tensor] => [
  both.narrow(-2, 0, rows),
  transposed(both.narrow(-2, rows, columns)),
];

/** A' = (Q' + Q·M)·R⁻ᵀ, where M is symmetric, with the lower triangle of R·R'ᵀ - Q'ᵀ·Q. */
function tallGradient(q: Tensor, r: Tensor, gradQ: Tensor, gradR: Tensor): Tensor {
  const full = r.matmul(transposed(gradR)).sub(transposed(gradQ).matmul(q));
  const symmetric = full.tril().add(transposed(full.tril(-1)));
  const right = gradQ.add(q.matmul(symmetric));
  return solveTriangular(transposed(r), right, { upper: false, left: false });
}

/** Options of {@link qr}. */
export interface QROptions {
  /**
   * With k = min(m, n): `"reduced"` gives Q [..., m, k] and R [..., k, n], `"complete"` gives Q [..., m, m] and R [..., m, n], and
   * `"r"` gives R alone, with an empty Q. "reduced" unless given.
   */
  readonly mode?: "reduced" | "complete" | "r";
}

/** Result of {@link qr}. */
export interface QR {
  /** Its columns are orthonormal. */
  readonly Q: Tensor;
  /** Upper triangular. The signs of its diagonal are those of LAPACK. */
  readonly R: Tensor;
}

/**
 * A = Q·R for matrices [..., m, n]. Q and R are views of one tensor. Gradients need the first min(m, n) columns to be independent. The further
 * columns of a complete Q are any basis of what is orthogonal to the others, and their gradient is right for functions that do not depend
 * on which.
 *
 * @example
 * const { Q, R } = linalg.qr(tensor([[3, 1], [4, 2]]));
 * Q.matmul(R).round().toArray(); // → [[3,1],[4,2]]
 */
export const qr = /* @__PURE__ */ operation(
  "qr",
  {
    x: tensorKind,
    options: /* @__PURE__ */ optionsOf<QROptions>({
      mode: /* @__PURE__ */ oneOf("reduced", "complete", "r"),
    }),
  },
  (x: Tensor, options: QROptions = {}): QR => {
    const { mode = "reduced" } = options;
    const [rows, columns] = sizesOf("qr", x);
    const [q, r] = parts(apply(qrOp, [x], undefined), rows, columns);
    if (mode === "r") return { Q: zeros([0], { dtype: x.dtype }), R: r };
    if (mode === "reduced" || rows <= columns) return { Q: q, R: r };
    const below = zeros([...x.shape.slice(0, -2), rows - columns, columns], { dtype: x.dtype });
    return { Q: cat([q, complement(q)], -1), R: cat([r, below], -2) };
  },
);
