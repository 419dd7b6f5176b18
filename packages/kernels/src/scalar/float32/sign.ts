import type { Expr } from "../expr";
import { machine } from "../machine";

/** Whether x is negative or -0. */
export function isNegative(x: Expr): Expr {
  return x.eq(0).choose(x.reciprocal(), x).lt(0);
}

/** Whether the integer n is odd. */
export function isOdd(n: Expr): Expr {
  const half = n.mul(0.5);
  return half.ne(half.floor());
}

/** `y`, except that ±0 is mapped to itself. */
export function keepZero(x: Expr, y: Expr): Expr {
  return x.eq(0).choose(x, y);
}

/** The value of an odd function at x, from `y`, its value at |x|. The function is 0 at 0. */
export function signed(x: Expr, y: Expr): Expr {
  return x.gt(0).choose(y, x.lt(0).choose(y.neg(), x));
}

/** `x` limited to `[low, high]`; NaN where x is NaN. Costs less than `clamp`. */
export function bounded(x: Expr, low: number, high: number): Expr {
  const { pool } = x;
  return pool.node(machine.atMost, [
    pool.node(machine.atLeast, [x, pool.constant(low)]),
    pool.constant(high),
  ]);
}
