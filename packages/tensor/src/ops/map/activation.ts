import { ThalwegError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { number, oneOf, operation, optional, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { pointwise, type Unary } from "../pointwise";

/** Logistic function 1/(1 + e⁻ˣ). */
export const sigmoid: Unary = pointwise("sigmoid", (x) => x.sigmoid());

/** max(x, 0), with gradient 0 at 0. */
export const relu: Unary = pointwise("relu", (x) => x.relu(), {
  domain: { min: -2, max: 2, avoid: [0] },
  // The gradient uses the result, so the input is not saved.
  gradient: (g, y) => [y.le(0).choose(0, g)],
});

/** min(max(x, 0), 6), with gradient 0 at both ends. */
export const relu6: Unary = pointwise("relu6", (x) => x.le(0).choose(0, x.ge(6).choose(6, x)), {
  domain: { min: -2, max: 8, avoid: [0, 6] },
});

const leaky = pointwise("leakyRelu", (x, slope) => x.gt(0).choose(x, x.mul(slope)), {
  domain: [
    { min: -2, max: 2, avoid: [0] },
    { min: 0.01, max: 0.3 },
  ],
});

/** x above 0, `negativeSlope`·x elsewhere; `negativeSlope` is 0.01 unless given. */
export const leakyRelu = operation(
  "leakyRelu",
  { x: tensor, negativeSlope: optional(number) },
  (x: Tensor, negativeSlope = 0.01): Tensor => {
    return leaky(x, negativeSlope);
  },
  leaky.op,
);

const eluOp = pointwise("elu", (x, alpha) => x.gt(0).choose(x, alpha.mul(x.expm1())), {
  domain: [
    { min: -2, max: 2, avoid: [0] },
    { min: 0.5, max: 2 },
  ],
});

/** x above 0, `alpha`·(eˣ - 1) elsewhere (Clevert et al., 2015); `alpha` is 1 unless given. */
export const elu = operation(
  "elu",
  { x: tensor, alpha: optional(number) },
  (x: Tensor, alpha = 1): Tensor => {
    return eluOp(x, alpha);
  },
  eluOp.op,
);

const seluScale = 1.0507009873554804934193349852946;
const seluAlpha = 1.6732632423543772848170429916717;

/** Self-normalising, scaled {@link elu} (Klambauer et al., 2017). */
export const selu: Unary = pointwise(
  "selu",
  (x) => x.gt(0).choose(x, x.expm1().mul(seluAlpha)).mul(seluScale),
  { domain: { min: -2, max: 2, avoid: [0] } },
);

const celuOp = pointwise("celu", (x, alpha) => x.gt(0).choose(x, alpha.mul(x.div(alpha).expm1())), {
  domain: [
    { min: -2, max: 2, avoid: [0] },
    { min: 0.5, max: 2 },
  ],
});

/**
 * x above 0, `alpha`·(e^(x/alpha) - 1) elsewhere (Barron, 2017); `alpha` is 1 unless given.
 *
 * @throws ThalwegError when alpha is 0.
 */
export const celu = operation(
  "celu",
  { x: tensor, alpha: optional(number) },
  (x: Tensor, alpha = 1): Tensor => {
    if (alpha === 0) throw new ThalwegError("celu", "alpha is 0", "use another number");
    return celuOp(x, alpha);
  },
  celuOp.op,
);

const geluErf = pointwise("gelu", (x) => x.mul(x.ndtr()));
// (1 + tanh u)/2 = sigmoid(2u). Beyond ±30 it is 0 or 1, and the cube could overflow.
const geluTanh = pointwise("gelu", (x) => {
  const z = x.clamp(-30, 30);
  const u = z.add(z.mul(z).mul(z).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(u.mul(2).sigmoid());
});

/** Options of {@link gelu} and of the layer `GELU`. */
export interface GELUOptions {
  /** `"tanh"` for the approximation by a hyperbolic tangent, or `"none"`; `"none"` unless given. */
  readonly approximate?: "none" | "tanh";
}

/** x·Φ(x) (Hendrycks and Gimpel, 2016). `approximate: "tanh"` uses their approximation; `"none"` unless given. */
export const gelu = operation(
  "gelu",
  { x: tensor, options: options({ approximate: oneOf("none", "tanh") }) },
  (x: Tensor, options: GELUOptions = {}): Tensor => {
    return options.approximate === "tanh" ? geluTanh(x) : geluErf(x);
  },
  geluErf.op,
);

/** x·sigmoid(x), also called swish. */
export const silu: Unary = pointwise("silu", (x) => x.mul(x.sigmoid()));

/** x·tanh(softplus(x)) (Misra, 2019). */
export const mish: Unary = pointwise("mish", (x) => x.mul(x.softplus().tanh()));

const softplusOp = pointwise(
  "softplus",
  (x, beta, threshold) => {
    const scaled = x.mul(beta);
    return scaled.gt(threshold).choose(x, scaled.softplus().div(beta));
  },
  {
    domain: [
      { min: -2, max: 2 },
      { min: 0.5, max: 2 },
      { min: 20, max: 20 },
    ],
  },
);

/** Options of {@link softplus} and of the layer `Softplus`. */
export interface SoftplusOptions {
  /** Sharpness of the bend; 1 unless given. */
  readonly beta?: number;
  /** The result is x where `beta`·x exceeds this; 20 unless given. */
  readonly threshold?: number;
}

/**
 * log(1 + e^(`beta`·x))/`beta`, and x itself where `beta`·x exceeds `threshold`; `beta` is 1 and `threshold` 20
 * unless given.
 */
export const softplus = operation(
  "softplus",
  { x: tensor, options: options({ beta: real, threshold: real }) },
  (x: Tensor, options: SoftplusOptions = {}): Tensor => {
    const { beta = 1, threshold = 20 } = options;
    return softplusOp(x, beta, threshold);
  },
  softplusOp.op,
);

/** x/(1 + |x|). */
export const softsign: Unary = pointwise("softsign", (x) => x.div(x.abs().add(1)), {
  domain: { min: -2, max: 2, avoid: [0] },
  // 1/(1 + |x|)² is exact, while 1 - |y| would cancel.
  gradient: (g, _, x) => {
    const r = x!.abs().add(1).reciprocal();
    return [g.mul(r).mul(r)];
  },
});

const hardtanhOp = pointwise("hardtanh", (x, min, max) => x.le(min).choose(min, x.ge(max).choose(max, x)), {
  domain: [
    { min: -2, max: 2, avoid: [-1, 1] },
    { min: -1, max: -1 },
    { min: 1, max: 1 },
  ],
});

/**
 * Limits x to `[min, max]`. Unlike {@link clamp} it has gradient 0 at the limits; `min` is -1 and `max` 1 unless given.
 *
 * @throws ThalwegError when min exceeds max.
 */
export const hardtanh = operation(
  "hardtanh",
  { x: tensor, min: optional(number), max: optional(number) },
  (x: Tensor, min = -1, max = 1): Tensor => {
    if (!(min <= max)) {
      throw new ThalwegError("hardtanh", `min exceeds max, ${min} and ${max}`, "swap them");
    }
    return hardtanhOp(x, min, max);
  },
  hardtanhOp.op,
);

/** relu6(x + 3)/6. */
export const hardsigmoid: Unary = pointwise(
  "hardsigmoid",
  (x) => x.le(-3).choose(0, x.ge(3).choose(1, x.add(3).div(6))),
  { domain: { min: -4, max: 4, avoid: [-3, 3] } },
);

/** x·hardsigmoid(x) (Howard et al., 2019). */
export const hardswish: Unary = pointwise(
  "hardswish",
  (x) => x.lt(-3).choose(0, x.le(3).choose(x.mul(x.add(3)).div(6), x)),
  { domain: { min: -4, max: 4, avoid: [-3, 3] } },
);

/** log(sigmoid(x)), without overflow. */
export const logSigmoid: Unary = pointwise("logSigmoid", (x) => x.neg().softplus().neg());
