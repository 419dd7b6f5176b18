import { type Tensor, where } from "@thalweg/tensor";
import { transposed } from "./arguments";

/** Quotients of numbers that may both be 0, which gives 0: what does not depend on a direction has no gradient by it. */
export function quotient(numerator: Tensor, denominator: Tensor): Tensor {
  const isNothing = numerator.eq(0).logicalAnd(denominator.eq(0));
  return numerator.div(where(isNothing, 1, denominator));
}

/** X - Xᵀ. */
export const skew = (x: Tensor): Tensor => x.sub(transposed(x));
