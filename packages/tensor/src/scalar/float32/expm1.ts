import type { Expr } from "../expr";
import { keepZero } from "./predicates";
import { polynomial, type Wide, widen } from "./wide";

/** e^r - 1 = r p(r) for |r| <= ln 2 / 2. */
const series = [
  1.0000000000313696, 0.5000000046947894, 0.1666666624847216, 0.04166635313257094, 0.008333402790703935,
  0.001394111492029406, 0.00019841520165263723,
];

/** 2ⁿ (e^r - 1) and 2ⁿ. */
export function scaled(n: Wide, r: Wide): { product: Wide; scale: Wide } {
  const scale = n.pow2();
  return { product: polynomial(r, series).mul(r).mul(scale), scale };
}

/** eˣ - 1, to full precision also where it is small, and eˣ. Beyond ±104 as there. */
function both(x: Expr): { less: Wide; full: Wide } {
  const w = widen(x.clamp(-104, 104));
  const n = w.mul(Math.LOG2E).round();
  const { product, scale } = scaled(n, w.sub(n.mul(Math.LN2)));
  return { less: product.add(scale.sub(1)), full: product.add(scale) };
}

export function expm1(x: Expr): Expr {
  return keepZero(x, both(x).less.narrow());
}

/** ½ (m + m / (m + 1)), m = eˣ - 1. */
export function sinh(x: Expr): Expr {
  const { less, full } = both(x);
  return keepZero(x, less.add(less.div(full)).mul(0.5).narrow());
}

/** ½ (eˣ + e⁻ˣ). */
export function cosh(x: Expr): Expr {
  const { full } = both(x.abs());
  return full
    .add(widen(x.pool.constant(1)).div(full))
    .mul(0.5)
    .narrow();
}
