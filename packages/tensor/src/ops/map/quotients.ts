import { operand } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { type Binary, type Operand, pointwise } from "../pointwise";
import { quotient } from "./quotient";

/**
 * Remainder of a / b with the sign of a: a - b·trunc(a/b). The gradient of b is minus the rounded quotient. {@link remainder} has the
 * sign of b.
 *
 * @example
 * fmod(tensor([7, -7]), 3).toArray(); // → [1,-1]
 */
export const fmod: Binary = /* @__PURE__ */ pointwise(
  "fmod",
  (a, b) => {
    const rest = a.abs().remainder(b.abs());
    return a.lt(0).choose(rest.neg(), rest);
  },
  {
    domain: [
      { min: 3.1, max: 3.9 },
      { min: 1.6, max: 1.9 },
    ],
    gradient: (g, y, a, b) => [g, g.mul(y.sub(a!).div(b!).round())],
  },
);

/**
 * a / b, rounded down: {@link div} with the rounding mode `"floor"`. The gradient is 0.
 *
 * @example
 * floorDivide(tensor([7, -7]), 2).toArray(); // → [3,-4]
 */
export const floorDivide = /* @__PURE__ */ operation(
  "floorDivide",
  { a: operand, b: operand },
  (a: Operand, b: Operand): Tensor => quotient(a, b, "floor"),
);
