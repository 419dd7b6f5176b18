import type { Expr } from "../expr";
import { machine } from "../machine";

/** The sign bit, also that of -0. */
export function isNegative(x: Expr): Expr {
  return x.eq(0).choose(x.reciprocal(), x).lt(0);
}

/** Whether the integer n is odd. */
export function isOdd(n: Expr): Expr {
  const half = n.mul(0.5);
  return half.ne(half.floor());
}

/** `y`, but for ±0, of which the functions that use this are fixed points. */
export function keepZero(x: Expr, y: Expr): Expr {
  return x.eq(0).choose(x, y);
}

/** An odd function that is 0 at 0, from `y`, its value at |x|. */
export function signed(x: Expr, y: Expr): Expr {
  return x.gt(0).choose(y, x.lt(0).choose(y.neg(), x));
}

/** `x` where it is between two constants, else the nearer one; NaN where x is. Costs less than `clamp`. */
export function bounded(x: Expr, low: number, high: number): Expr {
  const { pool } = x;
  return pool.node(machine.atMost, [
    pool.node(machine.atLeast, [x, pool.constant(low)]),
    pool.constant(high),
  ]);
}
