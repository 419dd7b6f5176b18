import type { Expr } from "../expr";
import { keepZero, signed } from "./sign";
import { polynomial, type Wide, widen } from "./wide";

/** 2^f - 1 = f p(f) for |f| <= ½. */
export const exponential = [
  0.69314718793, 0.240226497896, 0.0555035741672, 0.00961823864998, 0.00133907449155, 0.000154030593039,
];

/** A power, and it less 1 to full precision also where that is small. */
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

/** To the power of what float32 results do not go beyond, so that x / (x + 1) is a number, too. */
function power(x: Expr): Power {
  return exp2(widen(x.clamp(-104, 104)).mul(Math.LOG2E));
}

export function exp(x: Expr): Expr {
  return power(x).power.narrow();
}

export function expm1(x: Expr): Expr {
  return keepZero(x, power(x).less1.narrow());
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Expr): Expr {
  return power(x.neg()).power.add(1).reciprocal().narrow();
}

/** m / (m + 2), m = e²ˣ - 1. */
export function tanh(x: Expr): Expr {
  const { less1 } = power(x.abs().mul(2));
  return signed(x, less1.div(less1.add(2)).narrow());
}

/** ½ (m + m / (m + 1)), m = eˣ - 1. */
export function sinh(x: Expr): Expr {
  const { power: full, less1 } = power(x.abs());
  return signed(x, less1.add(less1.div(full)).mul(0.5).narrow());
}

/** ½ (eˣ + e⁻ˣ). */
export function cosh(x: Expr): Expr {
  const { power: full } = power(x.abs());
  return full.add(full.reciprocal()).mul(0.5).narrow();
}
