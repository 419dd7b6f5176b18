import type { Expr } from "../expr";
import { isNegative, signed } from "./sign";
import { choose, polynomial, type Wide, widen } from "./wide";

/** atan t = t p(t²) for |t| <= √2 - 1 */
const series = [
  0.9999999999791666, -0.3333333212828745, 0.19999885858855546, -0.14281636602471665, 0.1104100570302533,
  -0.08458762439258531, 0.04712138773658766,
];

/**
 * The angle of the point (x, y), neither of them negative. Above π/8 it is seen from the diagonal, and
 * above 3π/8 from the y axis; where exactly that begins is not important.
 */
function angle(y: Wide, x: Wide, aboveEighth: Expr, aboveThird: Expr): Wide {
  const above = (a: Wide | number, b: Wide | number, c: Wide | number) =>
    choose(aboveThird, a, choose(aboveEighth, b, c));
  const t = above(x.neg(), y.sub(x), y).div(above(y, y.add(x), x));
  return polynomial(t.mul(t), series)
    .mul(t)
    .add(above(Math.PI / 2, Math.PI / 4, 0));
}

const slope = Math.SQRT2 - 1;

export function atan(x: Expr): Expr {
  const size = x.abs();
  const result = angle(widen(size), widen(x.pool.constant(1)), size.gt(slope), size.gt(1 / slope)).narrow();
  return signed(x, result);
}

/** √(1 - x²) */
function cathetus(x: Expr): Wide {
  const w = widen(x);
  return w.add(1).mul(w.neg().add(1)).sqrt();
}

/** Sine and cosine of π/8. */
const sine = Math.sqrt(2 - Math.SQRT2) / 2;
const cosine = Math.sqrt(2 + Math.SQRT2) / 2;

export function asin(x: Expr): Expr {
  const size = x.abs();
  const result = angle(widen(size), cathetus(x), size.gt(sine), size.gt(cosine)).narrow();
  return signed(x, result);
}

export function acos(x: Expr): Expr {
  const size = x.abs();
  const result = angle(cathetus(x), widen(size), size.lt(cosine), size.lt(sine));
  return choose(x.lt(0), result.neg().add(Math.PI), result).narrow();
}

export function atan2(y: Expr, x: Expr): Expr {
  const [height, width] = [y.abs(), x.abs()];
  // Points of the diagonal, among them 0 / 0 and ∞ / ∞.
  const same = height.eq(width);
  const b = same.where(height.gt(0), height);
  const a = same.where(1, width);
  const result = angle(widen(b), widen(a), b.gt(a.mul(slope)), a.lt(b.mul(slope)));
  const turned = choose(isNegative(x), result.neg().add(Math.PI), result).narrow();
  return isNegative(y).where(turned.neg(), turned);
}
