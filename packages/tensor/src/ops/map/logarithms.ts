import { tensor } from "../../kinds";
import { operation, optional, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { type Binary, pointwise } from "../pointwise";
import { clamp } from "./rounding";

/** a·log(b), and 0 where a is 0, except that NaN in b is NaN. */
export const xlogy: Binary = /* @__PURE__ */ pointwise(
  "xlogy",
  (a, b) => b.ne(b).choose(b, a.eq(0).choose(0, a.mul(b.log()))),
  {
    domain: [
      { min: -2, max: 2 },
      { min: 0.3, max: 3 },
    ],
    gradient: (g, _, a, b) => [a!.eq(0).mul(b!.le(0)).choose(0, g.mul(b!.log())), g.mul(a!).div(b!)],
  },
);

/** log(eᵃ + eᵇ), without overflow. */
export const logaddexp: Binary = /* @__PURE__ */ pointwise(
  "logaddexp",
  (a, b) => a.eq(b).choose(a.add(Math.LN2), a.maximum(b).add(a.sub(b).abs().neg().softplus())),
  { gradient: (g, _, a, b) => [g.mul(a!.sub(b!).sigmoid()), g.mul(b!.sub(a!).sigmoid())] },
);

const logOdds = /* @__PURE__ */ pointwise(
  "logit",
  // A difference of logarithms would cancel near ½, and the quotient overflow near 0.
  (x) => x.lt(0.25).choose(x.log().sub(x.neg().log1p()), x.mul(2).sub(1).div(x.rsub(1)).log1p()),
  {
    domain: { min: 0.1, max: 0.9 },
    gradient: (g, _, x) => [
      x!
        .sub(0.5)
        .abs()
        .le(0.5)
        .choose(g.div(x!.mul(x!.rsub(1))), Number.NaN),
    ],
  },
);

/**
 * log(x / (1 - x)), the inverse of {@link sigmoid}; NaN outside of [0, 1]. With `eps`, x is limited to [`eps`, 1 - `eps`] before; it is
 * not unless given.
 *
 * @example
 * logit(tensor([0, 0.5]), 0.5).toArray(); // → [0,0]
 */
export const logit = /* @__PURE__ */ operation(
  "logit",
  { x: tensor, eps: optional(real) },
  (x: Tensor, eps?: number): Tensor => logOdds(eps === undefined ? x : clamp(x, eps, 1 - eps)),
);
