import type { Op, Tensor } from "@thalweg/tensor";
import {
  apply,
  boolean,
  operation,
  options as optionsOf,
  required,
  tensorKind,
} from "@thalweg/tensor/internal";
import { orderOf, sameBatch, sizesOf, transposed } from "./arguments";
import { hostOp } from "./host-op";
import { solveTriangle } from "./kernels/lu";
import { checkSides } from "./solve";

interface Triangle {
  readonly upper: boolean;
  readonly unit: boolean;
}

const triangularOp: Op<Triangle> = /* @__PURE__ */ hostOp<Triangle>({
  name: "solveTriangular",
  saves: "all",
  shape: ([, shape]) => shape!,
  compute: (triangle, a, b) => solveTriangle(a.elements, a.rows, b.elements, b.columns, triangle),
  // X = T⁻¹·B: B' = T⁻ᵀ·G, T' = the triangle of -B'·Xᵀ
  gradient({ grad, inputs: [a], output, attrs, needs }) {
    const turned = { ...attrs, upper: !attrs.upper };
    const right = apply(triangularOp, [transposed(a as Tensor), grad], turned);
    const first = attrs.unit ? 1 : 0;
    const full = needs(0) ? right.matmul(transposed(output!)).neg() : null;
    return [
      attrs.upper ? (full?.triu(first) ?? null) : (full?.tril(-first) ?? null),
      needs(1) ? right : null,
    ];
  },
});

/** Options of {@link solveTriangular}. */
export interface SolveTriangularOptions {
  /** Whether the upper triangle is the matrix, or the lower one. The other is not read. It has to be given. */
  readonly upper: boolean;
  /** Whether the triangle is on the left of X; true unless given. Otherwise the equation is X·A = B. */
  readonly left?: boolean;
  /** Whether the diagonal is taken for 1, and not read; false unless given. */
  readonly unitriangular?: boolean;
}

/**
 * Solves A·X = B by substitution, where A is one triangle of `a`: [..., n, n], [..., n, k] -> [..., n, k]. Leading dimensions
 * broadcast. As in PyTorch, a 0 on the diagonal is no error, but makes the result infinite or NaN.
 *
 * @throws ShapeError when the sizes do not fit.
 * @example
 * const a = tensor([[2, 9], [1, 4]]);
 * linalg.solveTriangular(a, tensor([[2], [9]]), { upper: false }).toArray(); // → [[1],[2]]
 */
export const solveTriangular = /* @__PURE__ */ operation(
  "solveTriangular",
  {
    a: tensorKind,
    b: tensorKind,
    options: /* @__PURE__ */ optionsOf<SolveTriangularOptions>({
      upper: /* @__PURE__ */ required(boolean),
      left: boolean,
      unitriangular: boolean,
    }),
  },
  (a: Tensor, b: Tensor, options: SolveTriangularOptions): Tensor => {
    const { upper, left = true, unitriangular = false } = options;
    orderOf("solveTriangular", a);
    sizesOf("solveTriangular", b);
    return left
      ? substituted(a, b, { upper, unit: unitriangular })
      : transposed(substituted(transposed(a), transposed(b), { upper: !upper, unit: unitriangular }));
  },
);

function substituted(a: Tensor, b: Tensor, triangle: Triangle): Tensor {
  checkSides("solveTriangular", a, b);
  return apply(triangularOp, sameBatch("solveTriangular", a, b), triangle);
}
