import { cat, type Op, type Tensor } from "@thalweg/tensor";
import { apply, boolean, operation, options as optionsOf, tensorKind } from "@thalweg/tensor/internal";
import { sizesOf, transposed } from "./arguments";
import { complement } from "./complement";
import { hostOp, type Matrix, Refusal } from "./host-op";
import { type SingularValues, singularValues } from "./kernels/jacobi";
import { quotient, skew } from "./quotient";

/** Throws unless all elements of a matrix are finite. */
export function checkFinite({ elements }: Matrix): void {
  if (elements.every(Number.isFinite)) return;
  throw new Refusal("has elements that are not finite", "look for what made them NaN or infinite");
}

/** The singular values of a matrix with finite elements. */
export function decomposed(x: Matrix): SingularValues {
  checkFinite(x);
  return singularValues(x.elements, x.rows, x.columns);
}

/** U above V above S, [..., rows + columns + 1, k] with k = min(rows, columns). */
const svdOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "svd",
  saves: "output",
  shape: ([shape]) => {
    const [rows, columns] = shape!.slice(-2) as [number, number];
    return [...shape!.slice(0, -2), rows + columns + 1, Math.min(rows, columns)];
  },
  compute(_, x) {
    const { U, S, V } = decomposed(x);
    return [...U, ...V, ...S];
  },
  // A' = (U·(E∘(UᵀU' - U'ᵀU)·S + S·(E∘(VᵀV' - V'ᵀV))) + diag(S'))·Vᵀ with 1 / E = sⱼ² - sᵢ², and what leaves the spaces of U and V.
  gradient({ grad, output, shapes: [shape] }) {
    const [rows, columns] = shape!.slice(-2) as [number, number];
    const [u, v, s] = parts(output!, rows, columns);
    const [gradU, gradV, gradS] = parts(grad, rows, columns);
    const [row, column] = [s.unsqueeze(-2), s.unsqueeze(-1)];
    const gaps = row.sub(column).mul(row.add(column));
    const turned = (x: Tensor, g: Tensor) => quotient(skew(transposed(x).matmul(g)), gaps);
    const inner = turned(u, gradU).mul(row).add(turned(v, gradV).mul(column));
    const vt = transposed(v);
    let total = u
      .matmul(inner)
      .add(u.mul(gradS.unsqueeze(-2)))
      .matmul(vt);
    const outside = (x: Tensor, g: Tensor) => {
      const t = quotient(g, row);
      return t.sub(x.matmul(transposed(x).matmul(t)));
    };
    if (rows > columns) total = total.add(outside(u, gradU).matmul(vt));
    if (columns > rows) total = total.add(u.matmul(transposed(outside(v, gradV))));
    return [total];
  },
});

const parts = (all: Tensor, rows: number, columns: number): [u: Tensor, v: Tensor, s: Tensor] => [
  all.narrow(-2, 0, rows),
  all.narrow(-2, rows, columns),
  all.select(-2, rows + columns),
];

/** Options of {@link svd}. */
export interface SVDOptions {
  /**
   * With k = min(m, n): whether U is [..., m, m] and Vh [..., n, n]; true unless given, as in PyTorch. Otherwise they are [..., m, k] and
   * [..., k, n].
   */
  readonly fullMatrices?: boolean;
}

/** Result of {@link svd}. */
export interface SVD {
  /** Left singular vectors, as columns. */
  readonly U: Tensor;
  /** Singular values in descending order, [..., k]. */
  readonly S: Tensor;
  /** Right singular vectors, as rows. */
  readonly Vh: Tensor;
}

/**
 * A = U·diag(S)·Vh for matrices [..., m, n]. The three are views of one tensor, except for a U or Vh that is completed. In each pair
 * of singular vectors, the largest element of the longer one is positive. Gradients are right for functions that do not depend on
 * such signs, or on the choice of vectors for equal singular values. Where singular values are equal, or one is 0, only that of S is
 * finite.
 *
 * @throws LinAlgError when an element is not finite.
 * @example
 * linalg.svd(tensor([[0, 2], [1, 0]])).S.toArray(); // → [2,1]
 */
export const svd = /* @__PURE__ */ operation(
  "svd",
  { x: tensorKind, options: /* @__PURE__ */ optionsOf<SVDOptions>({ fullMatrices: boolean }) },
  (x: Tensor, options: SVDOptions = {}): SVD => {
    const { fullMatrices = true } = options;
    const [rows, columns] = sizesOf("svd", x);
    const [u, v, S] = parts(apply(svdOp, [x], undefined), rows, columns);
    const whole = (of: Tensor, size: number) =>
      fullMatrices && size > Math.min(rows, columns) ? cat([of, complement(of)], -1) : of;
    return { U: whole(u, rows), S, Vh: transposed(whole(v, columns)) };
  },
);

/** Gradients of singular values alone are finite even where some are equal: A' = U·diag(S')·Vᵀ. */
const svdvalsOp: Op<void> = /* @__PURE__ */ hostOp<void>({
  name: "svdvals",
  saves: "inputs",
  shape: ([shape]) => [...shape!.slice(0, -2), Math.min(...shape!.slice(-2))],
  compute: (_, x) => decomposed(x).S,
  gradient({ grad, inputs: [x], shapes: [shape] }) {
    const [rows, columns] = shape!.slice(-2) as [number, number];
    const [u, v] = parts(apply(svdOp, [x as Tensor], undefined), rows, columns);
    return [u.mul(grad.unsqueeze(-2)).matmul(transposed(v))];
  },
});

/**
 * The singular values in descending order, [..., m, n] -> [..., min(m, n)].
 *
 * @throws LinAlgError when an element is not finite.
 * @example
 * linalg.svdvals(tensor([[0, 2], [1, 0]])).toArray(); // → [2,1]
 */
export const svdvals = /* @__PURE__ */ operation("svdvals", { x: tensorKind }, (x: Tensor): Tensor => {
  sizesOf("svdvals", x);
  return apply(svdvalsOp, [x], undefined);
});
