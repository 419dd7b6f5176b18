import type { Expr } from "../expr";
import { machine } from "../machine";
import { bounded, keepZero, signed } from "./sign";
import { polynomial, type Wide, widen } from "./wide";

/** 2^f - 1 = f p(f) for |f| <= ½. */
export const exponential = [
  0.69314718793, 0.240226497896, 0.0555035741672, 0.00961823864998, 0.00133907449155, 0.000154030593039,
];

/** A power, and the power minus 1, which has full precision even where it is small. */
interface Power {
  readonly power: Wide;
  readonly less1: Wide;
}

/** 2ᵗ = 2ⁿ 2^f with t = n + f. */
export function exp2(t: Wide): Power {
  const n = t.round();
  const f = t.sub(n);
  const scale = n.pow2();
  const product = polynomial(f, exponential).mul(f).mul(scale);
  return { power: product.add(scale), less1: product.add(scale.sub(1)) };
}

/** eˣ, with x limited to where float32 results are finite and nonzero, so that p / (p + 1) of a power p is not NaN. */
export function power(x: Expr): Power {
  return exp2(widen(bounded(x, -104, 104)).mul(Math.LOG2E));
}

/** eʳ = 1 + r + r² p(r) for |r| <= ½ log 2. */
const tail = [0.49999993439, 0.166665204806, 0.041668389392, 0.00836873541646, 0.0013814588583];

/** log 2 as a sum: `high` has so few bits that its multiples are exact, `low` is the rest. */
const log2 = { high: 0.693359375, low: -0.000212194440055 };

/** Adding and then subtracting this number rounds a float32 to an integer. */
const toInteger = 1.5 * 2 ** 23;

/** eˣ = 2ⁿ eʳ with x = n log 2 + r, in float32 throughout, because softmax spends its time here. */
export function exp(x: Expr): Expr {
  const z = bounded(x, -104, 104);
  const n = z.mul(Math.LOG2E).add(toInteger).sub(toInteger);
  const coarse = z.sub(n.mul(log2.high));
  const r = coarse.sub(n.mul(log2.low));
  const square = r.mul(r);
  const [c0, c1, c2, c3, c4] = tail as [number, number, number, number, number];
  const p = square.mul(c3).add(c1).mul(r).add(square.mul(c4).add(c2).mul(square).add(c0));
  return x.pool.node(machine.scale, [square.mul(p).add(r).add(1), n]);
}

export function expm1(x: Expr): Expr {
  return keepZero(x, power(x).less1.narrow());
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Expr): Expr {
  return power(x.neg()).power.add(1).reciprocal().narrow();
}

/** The derivative of the sigmoid: e / (1 + e)² with e = e⁻ˣ. */
export function sigmoidSlope(x: Expr): Expr {
  const { power: e } = power(x.neg());
  const r = e.add(1).reciprocal();
  return e.mul(r).mul(r).narrow();
}

/** m / (m + 2) with m = e²ˣ - 1. */
export function tanh(x: Expr): Expr {
  const { less1 } = power(x.abs().mul(2));
  return signed(x, less1.div(less1.add(2)).narrow());
}

/** ½ (m + m / (m + 1)) with m = eˣ - 1. */
export function sinh(x: Expr): Expr {
  const { power: full, less1 } = power(x.abs());
  return signed(x, less1.add(less1.div(full)).mul(0.5).narrow());
}

/** ½ (eˣ + e⁻ˣ). */
export function cosh(x: Expr): Expr {
  const { power: full } = power(x.abs());
  return full.add(full.reciprocal()).mul(0.5).narrow();
}
