import type { Op, Tensor } from "@thalweg/tensor";
import { apply, operation, options as optionsOf, tensorKind } from "@thalweg/tensor/internal";
import { sizesOf } from "./arguments";
import { hostOp, noGradient } from "./host-op";
import { decomposed } from "./svd";
import { type Bounds, boundsOf, rankOf, type ToleranceOptions, toleranceKinds } from "./tolerance";

export const rankOp: Op<Bounds> = /* @__PURE__ */ hostOp<Bounds>({
  name: "matrixRank",
  differentiable: false,
  result: "int32",
  shape: ([shape]) => shape!.slice(0, -2),
  compute: (bounds, x) => [rankOf(decomposed(x).S, bounds)],
  gradient: noGradient,
});

/**
 * The number of singular values that do not count as 0, [..., m, n] -> [...], int32.
 *
 * @throws LinAlgError when an element is not finite.
 * @example
 * linalg.matrixRank(tensor([[1, 2], [2, 4]])).item(); // → 1
 */
export const matrixRank = /* @__PURE__ */ operation(
  "matrixRank",
  { x: tensorKind, options: /* @__PURE__ */ optionsOf<ToleranceOptions>(toleranceKinds) },
  (x: Tensor, options: ToleranceOptions = {}): Tensor => {
    sizesOf("matrixRank", x);
    return apply(rankOp, [x], boundsOf("matrixRank", x, options));
  },
);
