import type { Tensor } from "../../tensor";
import { type Operand, pointwise, type Ternary, type Unary } from "../pointwise";
import type { Domain } from "../sample";

const between: Domain = { min: -1.4, max: 1.4, avoid: [-1.5, -1, -0.5, 0, 0.5, 1, 1.5] };

/** Largest whole number not above x. The gradient is 0. */
export const floor: Unary = pointwise("floor", (x) => x.floor(), { domain: between });

/** Smallest whole number not below x. The gradient is 0. */
export const ceil: Unary = pointwise("ceil", (x) => x.ceil(), { domain: between });

/** Nearest whole number, halves to the even one. The gradient is 0. */
export const round: Unary = pointwise("round", (x) => x.round(), { domain: between });

/** Whole part, towards 0. The gradient is 0. */
export const trunc: Unary = pointwise("trunc", (x) => x.trunc(), { domain: between });

const both: Ternary = pointwise("clamp", (x, min, max) => x.clamp(min, max), {
  domain: [
    { min: -2, max: 2, avoid: [-1, 1] },
    { min: -1, max: -1 },
    { min: 1, max: 1 },
  ],
});
const below = pointwise("clamp", (x, min) => x.lt(min).where(min, x));
const above = pointwise("clamp", (x, max) => x.gt(max).where(max, x));

/**
 * Limits elements to `[min, max]`; a bound that is null or missing does not limit. Where `min > max` the
 * result is `max`. The gradient of x is 1 within the bounds and on them, 0 outside.
 *
 * @example
 * tensor([-2, 0.5, 2]).clamp(-1, 1).toArray(); // → [-1,0.5,1]
 */
export function clamp(x: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
  const [low, high] = [min ?? null, max ?? null];
  if (low !== null && high !== null) return both(x, low, high);
  if (low !== null) return below(x, low);
  return above(x, high ?? Number.POSITIVE_INFINITY);
}
clamp.op = both.op;
