import { type Binary, pointwise, type Unary } from "../pointwise";
import type { Domain } from "../sample";

const positive: Domain = { min: 0.3, max: 3 };
const inside: Domain = { min: -0.8, max: 0.8 };

/** eˣ. */
export const exp: Unary = pointwise("exp", (x) => x.exp());

/** eˣ - 1, exact near 0. */
export const expm1: Unary = pointwise("expm1", (x) => x.expm1());

/** Natural logarithm; -∞ at 0, NaN below 0. */
export const log: Unary = pointwise("log", (x) => x.log(), { domain: positive });

/** log(1 + x), exact near 0. */
export const log1p: Unary = pointwise("log1p", (x) => x.log1p(), { domain: { min: -0.7, max: 2 } });

/** Logarithm to base 2. */
export const log2: Unary = pointwise("log2", (x) => x.log2(), { domain: positive });

/** Logarithm to base 10. */
export const log10: Unary = pointwise("log10", (x) => x.log10(), { domain: positive });

/** √x; NaN below 0. */
export const sqrt: Unary = pointwise("sqrt", (x) => x.sqrt(), { domain: positive });

/** 1/√x. */
export const rsqrt: Unary = pointwise("rsqrt", (x) => x.rsqrt(), { domain: positive });

/** Sine of an angle in radians. */
export const sin: Unary = pointwise("sin", (x) => x.sin());

/** Cosine of an angle in radians. */
export const cos: Unary = pointwise("cos", (x) => x.cos());

/** Tangent of an angle in radians. */
export const tan: Unary = pointwise("tan", (x) => x.tan(), { domain: { min: -1, max: 1 } });

/** Inverse sine, in radians; NaN outside of [-1, 1]. */
export const asin: Unary = pointwise("asin", (x) => x.asin(), { domain: inside });

/** Inverse cosine, in radians; NaN outside of [-1, 1]. */
export const acos: Unary = pointwise("acos", (x) => x.acos(), { domain: inside });

/** Inverse tangent, in radians. */
export const atan: Unary = pointwise("atan", (x) => x.atan());

/** Angle of the point (b, a), in radians from -π to π. */
export const atan2: Binary = pointwise("atan2", (a, b) => a.atan2(b), { domain: { min: 0.4, max: 2 } });

/** Hyperbolic sine. */
export const sinh: Unary = pointwise("sinh", (x) => x.sinh());

/** Hyperbolic cosine. */
export const cosh: Unary = pointwise("cosh", (x) => x.cosh());

/** Hyperbolic tangent. */
export const tanh: Unary = pointwise("tanh", (x) => x.tanh());

/** Error function, 2/√π ∫₀ˣ e^(-t²) dt. */
export const erf: Unary = pointwise("erf", (x) => x.erf());
