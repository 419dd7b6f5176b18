import type { Expr } from "../expr";
import { machine } from "../machine";
import { ln2High, ln2Low } from "./exp";
import { keepZero } from "./predicates";
import { polynomial, type Wide, widen } from "./wide";

/** The integer e for which x 2⁻ᵉ is between √½ and √2, of a positive normal x. */
function nearestExponent(x: Expr): Expr {
  return x.pool.node(machine.exponent, [x.mul(Math.SQRT1_2)]).add(1);
}

/** x = 2ᵉ (1 + f), with f between √½ - 1 and √2 - 1. */
function split(x: Expr): { e: Expr; f: Expr } {
  const { pool } = x;
  // Subnormal numbers become normal, and the largest ones such that 2⁻ᵉ is a float32.
  const small = x.lt(1);
  const y = x.mul(small.where(2 ** 24, 2 ** -24));
  const e = nearestExponent(y);
  const f = y.mul(pool.node(machine.pow2, [e.neg()])).sub(1);
  return { e: e.add(small.where(-24, 24)), f };
}

/** The logarithm, where that of a positive finite x is `y`. */
function complete(x: Expr, y: Expr): Expr {
  const { POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN } = Number;
  const positive = x.lt(POSITIVE_INFINITY).where(y, x);
  return x.gt(0).where(positive, x.eq(0).where(NEGATIVE_INFINITY, NaN));
}

/** log((1 + s) / (1 - s)) = 2s + s z p(z), z = s². */
const series = [0.6666677641660476, 0.3997752849198329, 0.298722723898275];

/** log(1 + f) = f - f²/2 + s (f²/2 + z p(z)) with s = f / (2 + f), in float32 throughout. */
export function log(x: Expr): Expr {
  const { e, f } = split(x);
  const s = f.div(f.add(2));
  const z = s.mul(s);
  const square = f.mul(f).mul(0.5);
  const small = s.mul(square.add(z.mul(polynomial(z, series)))).add(e.mul(ln2Low));
  return complete(x, e.mul(ln2High).sub(square.sub(small).sub(f)));
}

/** log((1 + s) / (1 - s)) = s p(s²). */
const wideSeries = [
  1.9999999999999465, 0.6666666667971697, 0.3999999485128195, 0.28572170291416393, 0.22174077890927216,
  0.19610582827722464,
];

/** log(1 + f) for f as `split` makes it. */
function near1(f: Wide): Wide {
  const s = f.div(f.add(2));
  return polynomial(s.mul(s), wideSeries).mul(s);
}

/** log₂ x of a positive finite x, to 40 bits. */
export function wideLog2(x: Expr): Wide {
  const { e, f } = split(x);
  return near1(widen(f)).mul(Math.LOG2E).add(widen(e));
}

export function log2(x: Expr): Expr {
  return complete(x, wideLog2(x).narrow());
}

export function log10(x: Expr): Expr {
  return complete(
    x,
    wideLog2(x)
      .mul(Math.LOG10E * Math.LN2)
      .narrow(),
  );
}

/** As the logarithm of 1 + x, of which 1 + f = 2⁻ᵉ (1 + x) keeps what rounding 1 + x would lose. */
export function log1p(x: Expr): Expr {
  const sum = widen(x).add(1).narrow();
  const e = widen(nearestExponent(sum));
  const scale = e.neg().pow2();
  const f = widen(x).mul(scale).add(scale.sub(1));
  return keepZero(x, complete(sum, near1(f).add(e.mul(Math.LN2)).narrow()));
}
