import { isFloating } from "@thalweg/kernels";
import { operand } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { to } from "../cast";
import { type Binary, type Operand, pointwise, type Unary } from "../pointwise";

/** √(a² + b²), without overflow; infinite where either is. The gradient is 0 at the origin. */
export const hypot: Binary = /* @__PURE__ */ pointwise(
  "hypot",
  (a, b) => {
    const infinity = Number.POSITIVE_INFINITY;
    const [p, q] = [a.abs(), b.abs()];
    const large = p.maximum(q);
    const ratio = p.minimum(q).div(large);
    const length = large.eq(0).choose(0, large.mul(ratio.square().add(1).sqrt()));
    return p.eq(infinity).maximum(q.eq(infinity)).choose(infinity, length);
  },
  {
    domain: { min: 0.3, max: 2 },
    gradient: (g, y, a, b) => [a!, b!].map((x) => y.eq(0).choose(0, g.mul(x.div(y)))),
  },
);

/** The part behind the point, with the sign of x: x - {@link trunc}(x). */
export const frac: Unary = /* @__PURE__ */ pointwise("frac", (x) => x.sub(x.trunc()), {
  domain: { min: -1.9, max: 1.9, avoid: [-1, 0, 1] },
});

// The reciprocal tells the sign of a zero.
const signed = /* @__PURE__ */ pointwise(
  "copysign",
  (a, b) => b.eq(0).choose(b.reciprocal(), b).lt(0).choose(a.abs().neg(), a.abs()),
  {
    domain: { min: -2, max: 2, avoid: [0] },
    gradient: (g, y, a) => [g.mul(a!.sign()).mul(y.sign()), null],
  },
);

/** Whole numbers as float32. */
export const asFloat = (x: Operand) => (typeof x === "number" || isFloating(x.dtype) ? x : to(x, "float32"));

/**
 * |a| with the sign of b, that of a zero included. The gradient is 0 at a = 0. Whole numbers are converted to float32.
 *
 * @example
 * copysign(tensor([1, -2]), -0).toArray(); // → [-1,-2]
 */
export const copysign = /* @__PURE__ */ operation(
  "copysign",
  { a: operand, b: operand },
  (a: Operand, b: Operand): Tensor => signed(asFloat(a), asFloat(b)),
);
