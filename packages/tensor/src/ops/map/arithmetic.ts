import type { Tensor } from "../../tensor";
import { type Binary, type Operand, pointwise, type Ternary, type Unary } from "../pointwise";

/** a + b, element by element; operands broadcast. */
export const add: Binary = pointwise("add", (a, b) => a.add(b));

/** a - b. */
export const sub: Binary = pointwise("sub", (a, b) => a.sub(b));

/** a · b, element by element. */
export const mul: Binary = pointwise("mul", (a, b) => a.mul(b));

/** a / b. Division by zero is an infinity or NaN, as in IEEE 754. */
export const div: Binary = pointwise("div", (a, b) => a.div(b), {
  domain: [
    { min: -2, max: 2 },
    { min: 0.5, max: 2 },
  ],
});

/** Remainder of a / b with the sign of b: a - b·⌊a/b⌋. */
export const remainder: Binary = pointwise("remainder", (a, b) => a.remainder(b), {
  domain: [
    { min: 3.1, max: 3.9 },
    { min: 1.6, max: 1.9 },
  ],
});

/** a + c·(b - a), where c is the weight: exactly a at weight 0, and b at weight 1. */
export const lerp: Ternary = pointwise(
  "lerp",
  (a, b, weight) => {
    const [way, rest] = [b.sub(a), weight.rsub(1)];
    return weight.lt(0.5).choose(a.add(weight.mul(way)), rest.eq(0).choose(b, b.sub(rest.mul(way))));
  },
  { gradient: (g, _, a, b, weight) => [g.mul(weight!.rsub(1)), g.mul(weight!), g.mul(b!.sub(a!))] },
);

/** The larger of a and b; NaN if either is NaN. Ties share the gradient evenly. */
export const maximum: Binary = pointwise("maximum", (a, b) => a.maximum(b), {
  domain: [
    { min: -2, max: 2, distinct: true },
    { min: 3, max: 4 },
  ],
});

/** The smaller of a and b; NaN if either is NaN. Ties share the gradient evenly. */
export const minimum: Binary = pointwise("minimum", (a, b) => a.minimum(b), {
  domain: [
    { min: -2, max: 2, distinct: true },
    { min: 3, max: 4 },
  ],
});

const power: Binary = pointwise("pow", (a, b) => a.pow(b), { domain: { min: 0.3, max: 2 } });

// Common exponents have expressions of their own, which are exact, fast and smooth at 0.
const powers = new Map<number, Unary>(
  [2, 3, 0.5, -1].map((exponent) => [
    exponent,
    pointwise("pow", (x) => x.pow(exponent), { domain: { min: 0.3, max: 2 } }),
  ]),
);

/**
 * a to the power b. A negative base with a fractional exponent is NaN. At base 0 the gradient of the exponent is 0, and
 * that of the base is 0 for b = 0 and b > 1.
 *
 * @example
 * tensor([1, 2, 3]).pow(2).toArray(); // → [1,4,9]
 */
export const pow: Binary = Object.assign(
  (a: Operand, b: Operand): Tensor => {
    const special = typeof b === "number" && typeof a !== "number" ? powers.get(b) : undefined;
    return special === undefined ? power(a, b) : special(a as Tensor);
  },
  { op: power.op },
);

/** -x. */
export const neg: Unary = pointwise("neg", (x) => x.neg());

/** |x|, with gradient 0 at 0. */
export const abs: Unary = pointwise("abs", (x) => x.abs(), { domain: { min: -2, max: 2, avoid: [0] } });

/** -1, 0 or 1; 0 for NaN, as in PyTorch. The gradient is 0. */
export const sign: Unary = pointwise("sign", (x) => x.sign(), { domain: { min: -2, max: 2, avoid: [0] } });

/** x². */
export const square: Unary = pointwise("square", (x) => x.square());

/** 1/x. */
export const reciprocal: Unary = pointwise("reciprocal", (x) => x.reciprocal(), {
  domain: { min: 0.5, max: 2 },
});
