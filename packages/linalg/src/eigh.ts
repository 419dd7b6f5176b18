import type { Op, Tensor } from "@thalweg/tensor";
import { apply, oneOf, operation, options as optionsOf, tensorKind } from "@thalweg/tensor/internal";
import { orderOf, transposed } from "./arguments";
import { hostOp, type Matrix } from "./host-op";
import { type Eigenvalues, eigenvalues } from "./kernels/jacobi";
import { quotient, skew } from "./quotient";
import { checkFinite } from "./svd";

type Triangle = "L" | "U";

/** Makes a matrix symmetric by one of its triangles, and decomposes it. */
function decomposed(x: Matrix, triangle: Triangle): Eigenvalues {
  const { elements, rows: n } = x;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [lower, upper] = [i * n + j, j * n + i];
      if (triangle === "L") elements[upper] = elements[lower]!;
      else elements[lower] = elements[upper]!;
    }
  }
  checkFinite(x);
  return eigenvalues(elements, n);
}

/** V above the eigenvalues, [..., n + 1, n]. */
const eighOp: Op<Triangle> = /* @__PURE__ */ hostOp<Triangle>({
  name: "eigh",
  saves: "output",
  shape: ([shape]) => [...shape!.slice(0, -2), shape!.at(-1)! + 1, shape!.at(-1)!],
  compute(triangle, x) {
    const { values, V } = decomposed(x, triangle);
    return [...V, ...values];
  },
  // A' = V·(½·(VᵀV' - V'ᵀV) / (λⱼ - λᵢ) + diag(λ'))·Vᵀ
  gradient({ grad, output }) {
    const [v, values] = parts(output!);
    const [gradV, gradValues] = parts(grad);
    const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1));
    const inner = quotient(skew(transposed(v).matmul(gradV)).mul(0.5), gaps);
    return [
      v
        .matmul(inner)
        .add(v.mul(gradValues.unsqueeze(-2)))
        .matmul(transposed(v)),
    ];
  },
});

function parts(both: Tensor): [v: Tensor, values: Tensor] {
  const n = both.shape.at(-1)!;
  return [both.narrow(-2, 0, n), both.select(-2, n)];
}

/** Options of {@link eigh} and {@link eigvalsh}. */
export interface EighOptions {
  /** The triangle that is read, the lower or the upper one; "L" unless given. The other is taken for its mirror image. */
  readonly UPLO?: "L" | "U";
}

const eighOptions = /* @__PURE__ */ optionsOf<EighOptions>({ UPLO: /* @__PURE__ */ oneOf("L", "U") });

/** Result of {@link eigh}. */
export interface Eigh {
  /** In ascending order, [..., n]. */
  readonly eigenvalues: Tensor;
  /** As columns, [..., n, n]. */
  readonly eigenvectors: Tensor;
}

/**
 * A = V·diag(λ)·Vᵀ for symmetric matrices [..., n, n]. Both results are views of one tensor. The largest element of each eigenvector is
 * positive. The gradient is symmetric. It is right for functions that depend neither on the signs of eigenvectors nor, where eigenvalues
 * are equal, on their choice; there, only that of the eigenvalues is finite.
 *
 * @throws LinAlgError when an element is not finite.
 * @example
 * linalg.eigh(tensor([[2, 1], [1, 2]])).eigenvalues.round().toArray(); // → [1,3]
 */
export const eigh = /* @__PURE__ */ operation(
  "eigh",
  { x: tensorKind, options: eighOptions },
  (x: Tensor, options: EighOptions = {}): Eigh => {
    const { UPLO = "L" } = options;
    orderOf("eigh", x);
    const [eigenvectors, values] = parts(apply(eighOp, [x], UPLO));
    return { eigenvalues: values, eigenvectors };
  },
);

/** Gradients of eigenvalues alone are finite even where some are equal: A' = V·diag(λ')·Vᵀ. */
const eigvalshOp: Op<Triangle> = /* @__PURE__ */ hostOp<Triangle>({
  name: "eigvalsh",
  saves: "inputs",
  shape: ([shape]) => shape!.slice(0, -1),
  compute: (triangle, x) => decomposed(x, triangle).values,
  gradient({ grad, inputs: [x], attrs }) {
    const [v] = parts(apply(eighOp, [x as Tensor], attrs));
    return [v.mul(grad.unsqueeze(-2)).matmul(transposed(v))];
  },
});

/**
 * The eigenvalues of symmetric matrices in ascending order, [..., n, n] -> [..., n].
 *
 * @throws LinAlgError when an element is not finite.
 * @example
 * linalg.eigvalsh(tensor([[2, 1], [1, 2]])).round().toArray(); // → [1,3]
 */
export const eigvalsh = /* @__PURE__ */ operation(
  "eigvalsh",
  { x: tensorKind, options: eighOptions },
  (x: Tensor, options: EighOptions = {}): Tensor => {
    const { UPLO = "L" } = options;
    orderOf("eigvalsh", x);
    return apply(eigvalshOp, [x], UPLO);
  },
);
