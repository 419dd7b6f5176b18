import { derive, type Expr } from "@thalweg/kernels";
import { pointwise, type Unary } from "../pointwise";

/** ζ(s) - 1, by the formula of Euler and Maclaurin. */
function zetaMinusOne(s: number): number {
  const n = 100;
  let sum = n ** (1 - s) / (s - 1) + n ** -s / 2 + (s * n ** (-s - 1)) / 12;
  sum -= (s * (s + 1) * (s + 2) * n ** (-s - 3)) / 720;
  for (let k = n - 1; k > 1; k--) sum += k ** -s;
  return sum;
}

const euler = 0.5772156649015329;

/** log Γ(2 + t) for |t| ≤ ½, by its Taylor series (DLMF 5.7.3). */
function aroundTwo(t: Expr): Expr {
  const coefficient = (k: number) => ((k % 2 === 0 ? 1 : -1) * zetaMinusOne(k)) / k;
  let sum = t.mul(coefficient(28));
  for (let k = 27; k > 1; k--) sum = sum.add(coefficient(k)).mul(t);
  return sum.add(1 - euler).mul(t);
}

/** log Γ(y) for y from 7.5 on, by Stirling's series (DLMF 5.11.1). */
function farOut(y: Expr): Expr {
  const inverse = y.reciprocal();
  const square = inverse.square();
  let sum = square.mul(-3617 / 122400);
  for (const term of [1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360]) {
    sum = sum.add(term).mul(square);
  }
  const rest = sum.add(1 / 12).mul(inverse);
  const constant = (Math.log(2 * Math.PI) - 1) / 2;
  return y.sub(0.5).mul(y.log().sub(1)).add(constant).add(rest);
}

const size = (x: Expr) => x.lt(0).choose(x.neg(), x);

/** |x|, the nearest whole number, and the distance to it. Where that number is 0, the distance is that of x. */
interface Parts {
  readonly y: Expr;
  readonly nearest: Expr;
  readonly t: Expr;
}

function parts(x: Expr): Parts {
  const y = size(x);
  const nearest = y.round();
  return { y, nearest, t: nearest.eq(0).choose(x, y.sub(nearest)) };
}

/** log |Γ(y)| for y up to 2.5. */
function nearTwo({ nearest, t }: Parts): Expr {
  // Γ(2 + t) = (1 + t) t Γ(t)
  return aroundTwo(t)
    .sub(nearest.lt(2).choose(t.log1p(), 0))
    .sub(nearest.lt(1).choose(size(t).log(), 0));
}

/** log |Γ(y)|, from the parts of y. */
function logGamma(at: Parts): Expr {
  const { y, nearest, t } = at;
  // Γ(n + t) = (n - 1 + t) ... (2 + t) Γ(2 + t)
  let near = nearTwo(at);
  for (let k = 2; k < 7; k++) near = near.add(nearest.gt(k).choose(t.add(k).log(), 0));
  return y.lt(7.5).choose(near, farOut(y));
}

/** The same, in terms whose derivatives do not cancel. */
function smoothLogGamma(at: Parts): Expr {
  const { y } = at;
  let far = farOut(y.add(5));
  for (let k = 0; k < 5; k++) far = far.sub(y.add(k).log());
  return y.lt(2.5).choose(nearTwo(at), far);
}

/** log |Γ(x)| from that of y = |x|: Γ(-y) Γ(y) = -π / (y sin πy). */
function reflected(x: Expr, { y, t }: Parts, right: Expr): Expr {
  const sine = size(t.mul(Math.PI).sin());
  const left = sine.mul(y).log().add(right).neg().add(Math.log(Math.PI));
  return x.lt(-0.5).choose(left, right);
}

function valueOf(x: Expr): Expr {
  const at = parts(x);
  return reflected(x, at, logGamma(at));
}

function slope(x: Expr): Expr {
  const at = parts(x);
  const value = reflected(x, at, smoothLogGamma(at));
  return derive(value, 1, value.pool.constant(1))[0]!;
}

/** Logarithm of |Γ(x)|; ∞ at 0 and at negative whole numbers. */
export const lgamma: Unary = /* @__PURE__ */ pointwise(
  "lgamma",
  (x) => x.eq(Number.NEGATIVE_INFINITY).choose(Number.POSITIVE_INFINITY, valueOf(x)),
  {
    domain: { min: -2.4, max: 9, avoid: [-2, -1, 0] },
    gradient: (g, _, x) => [g.mul(digammaOf(x!))],
  },
);

function digammaOf(x: Expr): Expr {
  const isPole = x.lt(0).mul(parts(x).t.eq(0));
  const finite = isPole.maximum(x.eq(Number.NEGATIVE_INFINITY)).choose(Number.NaN, slope(x));
  return x.eq(Number.POSITIVE_INFINITY).choose(Number.POSITIVE_INFINITY, finite);
}

/** Derivative of {@link lgamma}; -∞ at 0, NaN at negative whole numbers. */
export const digamma: Unary = /* @__PURE__ */ pointwise("digamma", digammaOf, {
  domain: { min: -2.4, max: 9, avoid: [-2, -1, 0] },
});
