import type { Expr } from "@thalweg/kernels";
import { pointwise, type Unary } from "../pointwise";

const tail = (x: Expr) => x.mul(-Math.SQRT2).ndtr().mul(2);

/** Complementary error function, 1 - {@link erf}, with its own digits where it is small. */
export const erfc: Unary = /* @__PURE__ */ pointwise("erfc", tail, {
  gradient: (g, _, x) => [
    g.mul(
      x!
        .square()
        .neg()
        .exp()
        .mul(-2 / Math.sqrt(Math.PI)),
    ),
  ],
});

/** A formula by Winitzki (2008), with an error of 0.2%. */
function guess(size: Expr): Expr {
  const shape = 0.147;
  const log = size.square().neg().log1p();
  const half = log.mul(0.5).add(2 / (Math.PI * shape));
  const square = log.div(-shape);
  return square.div(half.square().add(square).sqrt().add(half)).sqrt();
}

/** A step of Halley's method towards erf y = size. */
function improved(y: Expr, size: Expr): Expr {
  const excess = size.lt(0.5).choose(y.erf().sub(size), size.rsub(1).sub(tail(y)));
  const step = excess.mul(y.square().exp()).mul(Math.sqrt(Math.PI) / 2);
  return y.sub(step.div(step.mul(y).add(1)));
}

/** Inverse of {@link erf}: ±∞ at ±1, NaN outside of [-1, 1]. */
export const erfinv: Unary = /* @__PURE__ */ pointwise(
  "erfinv",
  (x) => {
    const size = x.abs();
    const inner = improved(improved(guess(size), size), size);
    const y = size.eq(1).choose(Number.POSITIVE_INFINITY, inner);
    return x.lt(0).choose(y.neg(), y);
  },
  {
    domain: { min: -0.8, max: 0.8 },
    gradient: (g, y) => [
      g.mul(
        y
          .square()
          .exp()
          .mul(Math.sqrt(Math.PI) / 2),
      ),
    ],
  },
);
