import type { Expr } from "../expr";
import { machine } from "../machine";
import { polynomial } from "./wide";

/** ln 2 in two parts, of which the first has 15 bits: its product with an exponent is exact. */
export const ln2High = 22713 / 2 ** 15;
export const ln2Low = 1.428606765330187e-6;

/** Adding and subtracting it rounds a float32 to the nearest integer. */
const rounder = 1.5 * 2 ** 23;

/** e^r = 1 + r + r² p(r) for |r| <= ln 2 / 2. */
const series = [
  0.49999993419594896, 0.1666652007372593, 0.04166839106876797, 0.008368784767924978, 0.0013814726019474974,
];

/** eˣ = 2ⁿ e^r with x = n ln 2 + r, in float32 throughout: what training computes most often. */
export function exp(x: Expr): Expr {
  const n = x.mul(Math.LOG2E).add(rounder).sub(rounder);
  const high = x.sub(n.mul(ln2High));
  const low = n.mul(ln2Low);
  const r = high.sub(low);
  const rest = r.mul(r).mul(polynomial(r, series));
  // `high` is exact, so it enters the sum by itself rather than in the r that was rounded.
  const mantissa = high.sub(low.sub(rest)).add(1);
  // By halves, because 2ⁿ itself can be too large or too small for a float32 of full precision.
  const half = n.mul(0.5).add(rounder).sub(rounder);
  const pow2 = (k: Expr) => k.pool.node(machine.pow2, [k]);
  const scaled = mantissa.mul(pow2(half)).mul(pow2(n.sub(half)));
  return x.gt(89).where(Number.POSITIVE_INFINITY, x.lt(-104).where(0, scaled));
}

/** 1 / (1 + e⁻ˣ), by e to the power of -|x| so that small results keep their precision. */
export function sigmoid(x: Expr): Expr {
  const e = exp(x.abs().neg());
  return x.lt(0).where(e, 1).div(e.add(1));
}

/** tanh x = x + x z p(z), z = x². */
const odd = [
  -0.3333327606329296, 0.1333127445711003, -0.05372512526796496, 0.020589817020355432, -0.005648303315554781,
];

/** A polynomial about 0, 1 - 2 / (e²ˣ + 1) elsewhere. */
export function tanh(x: Expr): Expr {
  const z = x.mul(x);
  const inner = x.add(x.mul(z.mul(polynomial(z, odd))));
  const outer = exp(x.abs().mul(2)).add(1).reciprocal().mul(2).rsub(1);
  const signed = x.lt(0).where(outer.neg(), outer);
  return z.lt(2 ** -24).where(x, z.lt(0.4).where(inner, signed));
}
