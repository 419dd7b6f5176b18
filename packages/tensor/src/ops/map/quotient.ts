import { isFloating, isInt32 } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { to } from "../cast";
import { type Operand, pointwise } from "../pointwise";
import type { Domain } from "../sample";

// All quotients are between 2 and 3.
const dividend: Domain = { min: 4.6, max: 4.9 };
const divisor: Domain = { min: 1.7, max: 2.2 };
const domain = [dividend, divisor];

// The quotient that belongs to the remainder: a/b alone may round up to a whole number. It is -1 where the remainder is b.
const floored = /* @__PURE__ */ pointwise(
  "div",
  (a, b) => {
    const rest = a.remainder(b);
    return b.eq(0).choose(a.div(b), rest.eq(b).choose(-1, a.sub(rest).div(b).round()));
  },
  { domain },
);
const truncated = /* @__PURE__ */ pointwise("div", (a, b) => a.div(b).trunc(), { domain });

// Whole numbers are divided as floats, which is off by a few hundred at most. What that leaves is divided again.
const rough = /* @__PURE__ */ pointwise("div", (a, b) => a.div(b).sub(a.remainder(b).div(b)).round(), {
  domain,
});
const missing = /* @__PURE__ */ pointwise(
  "div",
  (a, b, q) => a.sub(a.remainder(b)).sub(q.mul(b)).div(b).round(),
  {
    domain: [dividend, divisor, { min: 0.6, max: 1.4 }],
  },
);
const joined = /* @__PURE__ */ pointwise("div", (q, more) => q.add(more));
const upwards = /* @__PURE__ */ pointwise(
  "div",
  (a, b, q) =>
    q.add(
      a
        .remainder(b)
        .ne(0)
        .mul(a.lt(0).ne(b.lt(0))),
    ),
  {
    domain: [dividend, divisor, divisor],
  },
);

const isWhole = (x: Operand) => (typeof x === "number" ? isInt32(x) : !isFloating(x.dtype));

/** a / b, rounded down or towards 0, in the type of the operands. */
export function quotient(a: Operand, b: Operand, mode: "floor" | "trunc"): Tensor {
  if (!isWhole(a) || !isWhole(b)) return (mode === "floor" ? floored : truncated)(a, b);
  const q = to(rough(a, b), "int32");
  const down = joined(q, to(missing(a, b, q), "int32"));
  return mode === "floor" ? down : upwards(a, b, down);
}
