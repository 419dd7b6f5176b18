import { tensor } from "../../kinds";
import { atLeastZero, number, operation, optional } from "../../signature";
import type { Tensor } from "../../tensor";
import { pointwise, type Unary } from "../pointwise";

const aboveOr = /* @__PURE__ */ pointwise(
  "threshold",
  (x, threshold, value) => x.le(threshold).choose(value, x),
  {
    domain: [
      { min: -2, max: 2, avoid: [0.5] },
      { min: 0.5, max: 0.5 },
      { min: -2, max: 2 },
    ],
  },
);

/** x above `threshold`, `value` elsewhere. */
export const threshold = /* @__PURE__ */ operation(
  "threshold",
  { x: tensor, threshold: number, value: number },
  (x: Tensor, threshold: number, value: number): Tensor => aboveOr(x, threshold, value),
);

const shrinking = [
  { min: -2, max: 2, avoid: [-0.5, 0.5] },
  { min: 0.5, max: 0.5 },
];
const hard = /* @__PURE__ */ pointwise("hardshrink", (x, lambd) => x.abs().le(lambd).choose(0, x), {
  domain: shrinking,
});

/** 0 from -`lambd` to `lambd`, x elsewhere; `lambd` is 0.5 unless given. */
export const hardshrink = /* @__PURE__ */ operation(
  "hardshrink",
  { x: tensor, lambd: optional(number) },
  (x: Tensor, lambd = 0.5): Tensor => hard(x, lambd),
);

const soft = /* @__PURE__ */ pointwise(
  "softshrink",
  (x, lambd) =>
    x
      .abs()
      .le(lambd)
      .choose(0, x.gt(0).choose(x.sub(lambd), x.add(lambd))),
  { domain: shrinking },
);

/** 0 from -`lambd` to `lambd`, and elsewhere `lambd` nearer to 0 than x; `lambd` is 0.5 unless given. NaN remains, as in PyTorch 2. */
export const softshrink = /* @__PURE__ */ operation(
  "softshrink",
  { x: tensor, lambd: optional(atLeastZero) },
  (x: Tensor, lambd = 0.5): Tensor => soft(x, lambd),
);

/** x - tanh(x). */
export const tanhshrink: Unary = /* @__PURE__ */ pointwise(
  "tanhshrink",
  (x) => {
    // tanh x = x/(1 + x²/(3 + x²/(5 + ...))), whose terms are all positive, so nothing cancels.
    const square = x.square();
    let fraction = square.div(17);
    for (let odd = 15; odd > 1; odd -= 2) fraction = square.div(fraction.add(odd));
    const near = x.mul(fraction.div(fraction.add(1)));
    return x.abs().lt(1).choose(near, x.sub(x.tanh()));
  },
  { gradient: (g, _, x) => [g.mul(x!.tanh().square())] },
);
