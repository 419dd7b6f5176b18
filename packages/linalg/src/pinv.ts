import type { Op, Tensor } from "@thalweg/tensor";
import { apply, operation, options as optionsOf, tensorKind } from "@thalweg/tensor/internal";
import { sizesOf, transposed } from "./arguments";
import { hostOp } from "./host-op";
import { solveBySVD } from "./kernels/least-squares";
import { identity } from "./kernels/lu";
import { decomposed } from "./svd";
import { type Bounds, boundsOf, rankOf, type ToleranceOptions, toleranceKinds } from "./tolerance";

const pinvOp: Op<Bounds> = /* @__PURE__ */ hostOp<Bounds>({
  name: "pinv",
  saves: "all",
  shape: ([shape]) => [...shape!.slice(0, -2), shape!.at(-1)!, shape!.at(-2)!],
  compute(bounds, x) {
    const values = decomposed(x);
    return solveBySVD(values, rankOf(values.S, bounds), x, identity(x.rows), x.rows);
  },
  gradient: ({ grad, inputs: [x], output }) => [pinvGradient(x as Tensor, output!, grad)],
});

/** A' = -Pᵀ·G·Pᵀ + (I - A·P)·Gᵀ·P·Pᵀ + Pᵀ·P·Gᵀ·(I - P·A), where P is the inverse (Golub and Pereyra, 1973). */
function pinvGradient(a: Tensor, p: Tensor, grad: Tensor): Tensor {
  const [pt, gt] = [transposed(p), transposed(grad)];
  const left = gt.matmul(p).matmul(pt);
  const right = pt.matmul(p).matmul(gt);
  const outside = left.sub(a.matmul(p.matmul(left))).add(right.sub(right.matmul(p).matmul(a)));
  return outside.sub(pt.matmul(grad).matmul(pt));
}

/** Least squares solutions of A·X = B, of those with the smallest norm. */
export const leastSquaresOp: Op<Bounds> = /* @__PURE__ */ hostOp<Bounds>({
  name: "lstsq",
  saves: "inputs",
  shape: ([a, b]) => [...a!.slice(0, -2), a!.at(-1)!, b!.at(-1)!],
  compute(bounds, a, b) {
    const values = decomposed(a);
    return solveBySVD(values, rankOf(values.S, bounds), a, b.elements, b.columns);
  },
  // X = P·B
  gradient({ grad, inputs, attrs, needs }) {
    const [a, b] = inputs as [Tensor, Tensor];
    const p = apply(pinvOp, [a], attrs);
    return [
      needs(0) ? pinvGradient(a, p, grad.matmul(transposed(b))) : null,
      needs(1) ? transposed(p).matmul(grad) : null,
    ];
  },
});

/**
 * The pseudoinverse by Moore and Penrose, [..., m, n] -> [..., n, m]. Small singular values count as 0; the options say which. The
 * gradient assumes that the rank does not change.
 *
 * @throws LinAlgError when an element is not finite.
 * @example
 * linalg.pinv(tensor([[2, 0], [0, 0]])).toArray(); // → [[0.5,0],[0,0]]
 */
export const pinv = /* @__PURE__ */ operation(
  "pinv",
  { x: tensorKind, options: /* @__PURE__ */ optionsOf<ToleranceOptions>(toleranceKinds) },
  (x: Tensor, options: ToleranceOptions = {}): Tensor => {
    sizesOf("pinv", x);
    return apply(pinvOp, [x], boundsOf("pinv", x, options));
  },
);
