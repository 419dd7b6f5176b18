import { isFloating, ThalwegError } from "@thalweg/kernels";
import { maybeOperand, tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { type Operand, pointwise, type Ternary, type Unary } from "../pointwise";
import type { Domain } from "../sample";

const between: Domain = { min: -1.4, max: 1.4, avoid: [-1.5, -1, -0.5, 0, 0.5, 1, 1.5] };

/** Largest whole number not above x. The gradient is 0. */
export const floor: Unary = pointwise("floor", (x) => x.floor(), { domain: between });

/** Smallest whole number not below x. The gradient is 0. */
export const ceil: Unary = pointwise("ceil", (x) => x.ceil(), { domain: between });

/** Nearest whole number, with halves rounded to even. The gradient is 0. */
export const round: Unary = pointwise("round", (x) => x.round(), { domain: between });

/** Whole part, towards 0. The gradient is 0. */
export const trunc: Unary = pointwise("trunc", (x) => x.trunc(), { domain: between });

const limited: Ternary = pointwise("clamp", (x, min, max) => x.maximum(min).minimum(max), {
  domain: [
    { min: -2, max: 2, avoid: [-1, 1] },
    { min: -1, max: -1 },
    { min: 1, max: 1 },
  ],
  gradient: (g, _, x, min, max) => [
    x!.ge(min!).mul(x!.le(max!)).choose(g, 0),
    x!.lt(min!).mul(min!.lt(max!)).choose(g, 0),
    x!.gt(max!).maximum(max!.lt(min!)).choose(g, 0),
  ],
});
/** The smallest value of an element type. */
export const lowest = ({ dtype }: Tensor) => (isFloating(dtype) ? Number.NEGATIVE_INFINITY : -(2 ** 31));
/** The largest value of an element type. */
export const highest = ({ dtype }: Tensor) => (isFloating(dtype) ? Number.POSITIVE_INFINITY : 2 ** 31 - 1);

/** @throws ThalwegError when both bounds are missing. */
export function checkBounds(op: string, min: unknown, max: unknown): void {
  if ((min ?? max) == null) throw new ThalwegError(op, "no bound is given", "pass a min, a max, or both");
}

/**
 * Limits elements to `[min, max]`. `min` and `max` limit nothing unless given; null limits nothing either. Where `min > max`
 * the result is `max`. It is NaN where any operand is NaN. The gradient of x is 1 within the bounds and on them, and 0
 * outside.
 *
 * @throws ThalwegError when both bounds are missing.
 * @example
 * tensor([-2, 0.5, 2]).clamp(-1, 1).toArray(); // → [-1,0.5,1]
 */
export const clamp = operation(
  "clamp",
  { x: tensor, min: maybeOperand, max: maybeOperand },
  (x: Tensor, min?: Operand | null, max?: Operand | null): Tensor => {
    checkBounds("clamp", min, max);
    return limited(x, min ?? lowest(x), max ?? highest(x));
  },
  limited.op,
);
