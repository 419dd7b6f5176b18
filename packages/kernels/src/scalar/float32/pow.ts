import type { Expr } from "../expr";
import { exp2 } from "./exp";
import { wideLog2 } from "./log";
import { isNegative, isOdd } from "./sign";
import { choose, widen } from "./wide";

const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;

/** 2 to the power of y log₂ |x|, then the special cases of C's `pow`. */
export function pow(x: Expr, y: Expr): Expr {
  const size = x.abs();
  const isInfinite = size.eq(POSITIVE_INFINITY);
  const logarithm = choose(
    size.eq(0),
    NEGATIVE_INFINITY,
    choose(isInfinite, POSITIVE_INFINITY, wideLog2(size)),
  );
  const t = widen(y).mul(logarithm);
  const order = t.narrow();
  const limited = order.lt(-160).choose(0, exp2(t).power.narrow());
  const result = order.gt(130).choose(POSITIVE_INFINITY, limited);
  const isInteger = y.eq(y.floor());
  const signed = isNegative(x)
    .mul(isInteger.mul(isOdd(y)))
    .choose(result.neg(), result);
  const isReal = x.ge(0).maximum(isInteger).maximum(isInfinite).maximum(x.ne(x));
  const isOne = x
    .eq(1)
    .maximum(y.eq(0))
    .maximum(x.eq(-1).mul(y.abs().eq(POSITIVE_INFINITY)));
  return isOne.choose(1, isReal.choose(signed, Number.NaN));
}
