import type { Expr } from "@thalweg/kernels";
import { pointwise, type Unary } from "../pointwise";

/** Above this, √(x² ± 1) is x in both precisions. */
const large = 1e9;

const oddly = (x: Expr, f: (size: Expr) => Expr) => x.lt(0).choose(f(x.neg()).neg(), f(x));

/** Inverse hyperbolic sine. */
export const asinh: Unary = /* @__PURE__ */ pointwise(
  "asinh",
  (x) =>
    oddly(x, (size) => {
      const square = size.square();
      const near = size.add(square.div(square.add(1).sqrt().add(1))).log1p();
      return size.gt(large).choose(size.log().add(Math.LN2), near);
    }),
  { gradient: (g, _, x) => [g.div(x!.abs().gt(large).choose(x!.abs(), x!.square().add(1).sqrt()))] },
);

/** Inverse hyperbolic cosine, from 0 on; NaN below 1. */
export const acosh: Unary = /* @__PURE__ */ pointwise(
  "acosh",
  (x) => {
    const over = x.sub(1);
    const near = over.add(over.mul(over.add(2)).sqrt()).log1p();
    return x.lt(1).choose(Number.NaN, x.gt(large).choose(x.log().add(Math.LN2), near));
  },
  {
    domain: { min: 1.3, max: 3 },
    gradient: (g, _, x) => {
      const root = x!.sub(1).mul(x!.add(1)).sqrt();
      return [x!.lt(1).choose(Number.NaN, g.div(x!.gt(large).choose(x!, root)))];
    },
  },
);

/** Inverse hyperbolic tangent; NaN outside of [-1, 1]. */
export const atanh: Unary = /* @__PURE__ */ pointwise(
  "atanh",
  (x) => oddly(x, (size) => size.mul(2).div(size.rsub(1)).log1p().mul(0.5)),
  {
    domain: { min: -0.8, max: 0.8 },
    // Near 0 the derivative of the product would cancel, near ±1 the difference.
    gradient: (g, _, x) => [
      g.div(
        x!
          .abs()
          .lt(0.5)
          .choose(x!.square().rsub(1), x!.rsub(1).mul(x!.add(1))),
      ),
    ],
  },
);
