import type { Expr } from "../expr";
import { isNegative, signed } from "./sign";
import { choose, polynomial, type Wide, widen } from "./wide";

/** atan t = t p(t²) for |t| <= √2 - 1 */
export const arcTangent = [
  0.999999999979, -0.333333321283, 0.199998858589, -0.142816366025, 0.11041005703, -0.0845876243926,
  0.0471213877366,
];

const slope = Math.SQRT2 - 1;

/**
 * The angle of the point (x, y) for x, y >= 0; `ratio` is y / x in about float32. Above π/8 the angle is measured
 * from the diagonal, and above 3π/8 from the y axis.
 */
function angle(y: Wide, x: Wide, ratio: Expr): Wide {
  const [aboveEighth, aboveThird] = [ratio.gt(slope), ratio.gt(1 / slope)];
  const above = (a: Wide | number, b: Wide | number, c: Wide | number) =>
    choose(aboveThird, a, choose(aboveEighth, b, c));
  const t = above(x.neg(), y.sub(x), y).div(above(y, y.add(x), x));
  return polynomial(t.mul(t), arcTangent)
    .mul(t)
    .add(above(Math.PI / 2, Math.PI / 4, 0));
}

/** π minus the angle where x is negative; for atan2 also where x is -0. */
function mirrored(isNegative: Expr, angle: Wide): Expr {
  return choose(isNegative, angle.neg().add(Math.PI), angle).narrow();
}

export function atan(x: Expr): Expr {
  const size = x.abs();
  return signed(x, angle(widen(size), widen(x.pool.constant(1)), size).narrow());
}

/** √(1 - x²) */
function cathetus(x: Expr): Wide {
  const w = widen(x);
  return w.add(1).mul(w.neg().add(1)).sqrt();
}

export function asin(x: Expr): Expr {
  const [y, adjacent] = [x.abs(), cathetus(x)];
  return signed(x, angle(widen(y), adjacent, y.div(adjacent.narrow())).narrow());
}

export function acos(x: Expr): Expr {
  const [opposite, size] = [cathetus(x), x.abs()];
  return mirrored(x.lt(0), angle(opposite, widen(size), opposite.narrow().div(size)));
}

export function atan2(y: Expr, x: Expr): Expr {
  const [height, width] = [y.abs(), x.abs()];
  // Points on the diagonal become (1, 1), because ∞ / ∞ is NaN. (0, 0) becomes (1, 0), because 0 / 0 is NaN.
  const onDiagonal = height.eq(width);
  const b = onDiagonal.choose(height.gt(0), height);
  const a = onDiagonal.choose(1, width);
  const result = mirrored(isNegative(x), angle(widen(b), widen(a), b.div(a)));
  return isNegative(y).choose(result.neg(), result);
}
