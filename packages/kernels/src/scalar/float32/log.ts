import type { Expr } from "../expr";
import { machine } from "../machine";
import { power } from "./exp";
import { keepZero } from "./sign";
import { choose, polynomial, type Wide, widen } from "./wide";

/** log((1 + s) / (1 - s)) = s p(s²) for |s| <= (√2 - 1) / (√2 + 1). */
export const logarithm = [1.99999999862, 0.666668164065, 0.399747433298, 0.299270523108];

/** The same to 45 bits, for powers, which may multiply the logarithm by 150. */
const longSeries = [
  1.9999999999999465, 0.6666666667971697, 0.3999999485128195, 0.28572170291416393, 0.22174077890927216,
  0.19610582827722464,
];

/** For a positive finite x, the integer e for which x 2⁻ᵉ is between √½ and √2. */
function nearestExponent(x: Expr): Wide {
  const tiny = x.lt(2 ** -100);
  const normal = x.mul(tiny.choose(2 ** 100 * Math.SQRT1_2, Math.SQRT1_2));
  return widen(x.pool.node(machine.exponent, [normal])).add(choose(tiny, -99, 1));
}

/** log(1 + f) */
function near1(f: Wide, p: readonly number[]): Wide {
  const s = f.div(f.add(2));
  return polynomial(s.mul(s), p).mul(s);
}

/** For a positive finite x, the integer e and the l with log x = e ln 2 + l and |l| <= ln 2 / 2. */
function split(x: Expr, p: readonly number[]): { e: Wide; l: Wide } {
  const e = nearestExponent(x);
  return { e, l: near1(widen(x).mul(e.neg().pow2()).sub(1), p) };
}

/** The logarithm of any x, from `y`, which is right for a positive finite x. */
function complete(x: Expr, y: Wide): Expr {
  const { POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN } = Number;
  const positive = x.lt(POSITIVE_INFINITY).choose(y.narrow(), x);
  return x.gt(0).choose(positive, x.eq(0).choose(NEGATIVE_INFINITY, NaN));
}

export function log(x: Expr): Expr {
  const { e, l } = split(x, logarithm);
  return complete(x, e.mul(Math.LN2).add(l));
}

export function log2(x: Expr): Expr {
  const { e, l } = split(x, logarithm);
  return complete(x, l.mul(Math.LOG2E).add(e));
}

export function log10(x: Expr): Expr {
  const { e, l } = split(x, logarithm);
  return complete(x, e.mul(Math.LN2).add(l).mul(Math.LOG10E));
}

/** log₂ x to 45 bits, for a positive finite x. */
export function wideLog2(x: Expr): Wide {
  const { e, l } = split(x, longSeries);
  return l.mul(Math.LOG2E).add(e);
}

/** e ln 2 + log(1 + f) with 1 + f = 2⁻ᵉ (1 + x): f keeps the digits that rounding 1 + x would lose. */
export function log1p(x: Expr): Expr {
  const sum = widen(x).add(1).narrow();
  const e = nearestExponent(sum);
  const scale = e.neg().pow2();
  const f = widen(x).mul(scale).add(scale.sub(1));
  return keepZero(x, complete(sum, e.mul(Math.LN2).add(near1(f, logarithm))));
}

/** max(x, 0) + log(1 + e) with e = e^-|x|. For a large e, log(1 + e) is ln 2 + log(½ (1 + e)). */
export function softplus(x: Expr): Expr {
  const { power: e } = power(x.abs().neg());
  const isLarge = e.narrow().gt(Math.SQRT2 - 1);
  const l = near1(choose(isLarge, e.sub(1).mul(0.5), e), logarithm);
  return l
    .add(choose(isLarge, Math.LN2, 0))
    .add(widen(x.gt(0).choose(x, 0)))
    .narrow();
}
