import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  gaussianNllLoss,
  klDiv,
  poissonNllLoss,
} from "@thalweg/losses";
import type { Tensor } from "@thalweg/tensor";
import * as T from "@thalweg/tensor";

type Scalar = (x: number) => number;

/** A function of one number, with its value and derivatives by formulas that are accurate in float64. */
export interface Differentiable {
  readonly name: string;
  readonly compute: (x: Tensor) => Tensor;
  /** Value, first and second derivative. */
  readonly references: readonly [Scalar, Scalar, Scalar];
  /** The promised limits of the errors, in the unit of `measureDerivatives`. */
  readonly bounds: readonly [number, number, number];
  /** Its domain, without points where it is not smooth; everywhere unless given. */
  readonly within?: readonly [number, number];
}

type Options = Pick<Differentiable, "within">;

function of(
  name: string,
  compute: Differentiable["compute"],
  references: Differentiable["references"],
  bounds: Differentiable["bounds"],
  options: Options = {},
): Differentiable {
  return { name, compute, references, bounds, ...options };
}

const { exp, log, log1p, expm1, abs, sqrt, tanh, sinh, cosh, sin, cos, tan, PI, LN2, LN10, SQRT1_2 } = Math;

const library = T as unknown as Record<string, (x: Tensor) => Tensor>;

const named = (name: string, ...rest: [Differentiable["references"], Differentiable["bounds"], Options?]) =>
  of(name, library[name]!, ...rest);

const sigmoid: Scalar = (x) => 1 / (1 + exp(-x));
export const sigmoidSlope: Scalar = (x) => exp(-abs(x)) / (1 + exp(-abs(x))) ** 2;
export const softplus: Scalar = (x) => Math.max(x, 0) + log1p(exp(-abs(x)));
const tanhSlope: Scalar = (x) => 4 * sigmoidSlope(2 * x);
const density: Scalar = (x) => exp((-x * x) / 2) / sqrt(2 * PI);
const circle: Scalar = (x) => sqrt((1 - x) * (1 + x));

/** Below -2 by a continued fraction (DLMF 7.9.3), above by a series (DLMF 7.6.2). */
export function normal(x: number): number {
  if (x > 2) return 1 - normal(-x);
  if (x < -2) {
    let fraction = -x;
    for (let n = 80; n > 0; n--) fraction = -x + n / fraction;
    return density(x) / fraction;
  }
  let [term, sum] = [x, x];
  for (let n = 1; abs(term) > 1e-18 * abs(sum); n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

const erf: Scalar = (x) => {
  if (abs(x) > 1) return x > 0 ? 1 - 2 * normal(-x / SQRT1_2) : 2 * normal(x / SQRT1_2) - 1;
  let [term, sum] = [x, x];
  for (let n = 1; abs(term) > 1e-18 * abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / sqrt(PI)) * exp(-x * x) * sum;
};

/** x - tanh(x), near 0 by the series of (x cosh x - sinh x)/cosh x. */
const shrunk: Scalar = (x) => {
  if (abs(x) > 1) return x - tanh(x);
  let [term, sum] = [(x * x * x) / 3, 0];
  for (let n = 1; abs(term) > 1e-18 * abs(sum); n++) {
    sum += term;
    term *= (x * x) / (2 * n * (2 * n + 3));
  }
  return sum / cosh(x);
};

/** The root of erf y = x by bisection, refined by a step of Newton's method. */
const inverseErf: Scalar = (x) => {
  const size = abs(x);
  if (size < 1e-3) return (sqrt(PI) / 2) * x * (1 + (PI * x * x) / 12);
  let [low, high] = [0, 7];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (2 * normal(-middle / SQRT1_2) > 1 - size) low = middle;
    else high = middle;
  }
  const excess = size < 0.5 ? erf(low) - size : 1 - size - 2 * normal(-low / SQRT1_2);
  return Math.sign(x) * (low - (excess * exp(low * low) * sqrt(PI)) / 2);
};

/** log |Γ(x)| by Stirling's series from 30 on, and by the recurrence below. */
const logGamma: Scalar = (x) => {
  if (x < 0.5) return log(PI / abs(sin(PI * (x - Math.round(x))))) - logGamma(1 - x);
  if (abs(x - 1) < 0.25 || abs(x - 2) < 0.25) return nearRoot(x);
  let [z, shift] = [x, 0];
  for (; z < 30; z++) shift += log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
  return (z - 0.5) * (log(z) - 1) + (log(2 * PI) - 1) / 2 + series - shift;
};

/** log Γ near 1 and 2, where it is 0: the integral of its derivative from there, by Simpson's rule. */
function nearRoot(x: number): number {
  const from = Math.round(x);
  const steps = 64;
  const width = (x - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    sum += (i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4) * polygamma(0, from + i * width);
  }
  return (sum * width) / 3;
}

/** The derivative of order n + 1 of log |Γ(x)|, by its asymptotic series and the recurrence. */
function polygamma(n: 0 | 1 | 2, x: number): number {
  if (x < 0.5) {
    const r = PI * (x - Math.round(x));
    if (n === 0) return polygamma(0, 1 - x) - PI / tan(r);
    if (n === 1) return (PI / sin(r)) ** 2 - polygamma(1, 1 - x);
    return polygamma(2, 1 - x) - (2 * PI ** 3 * cos(r)) / sin(r) ** 3;
  }
  let [z, sum] = [x, 0];
  for (; z < 30; z++) sum += [-1 / z, 1 / z ** 2, -2 / z ** 3][n]!;
  const w = 1 / (z * z);
  if (n === 0) return sum + log(z) - 0.5 / z - w / 12 + w ** 2 / 120 - w ** 3 / 252 + w ** 4 / 240;
  if (n === 1) return sum + 1 / z + w / 2 + (w / 6 - w ** 2 / 30 + w ** 3 / 42 - w ** 4 / 30) / z;
  return sum - w - w / z - w ** 2 / 2 + w ** 3 / 6 - w ** 4 / 6;
}

/** x above 0, scale·alpha·(e^(x/width) - 1) elsewhere. */
function exponentialUnit(alpha: number, width = 1, scale = 1): Differentiable["references"] {
  return [
    (x) => (x > 0 ? scale * x : scale * alpha * expm1(x / width)),
    (x) => (x > 0 ? scale : ((scale * alpha) / width) * exp(x / width)),
    (x) => (x > 0 ? 0 : ((scale * alpha) / width ** 2) * exp(x / width)),
  ];
}

/** The argument u of tanh in the approximation of gelu, and its derivatives. */
const cubic = sqrt(2 / PI);
const u: Scalar = (x) => cubic * (x + 0.044715 * x ** 3);
const du: Scalar = (x) => cubic * (1 + 3 * 0.044715 * x * x);
const ddu: Scalar = (x) => cubic * 6 * 0.044715 * x;

/** tanh(softplus(x)) and its first two derivatives. */
const gate: Scalar = (x) => tanh(softplus(x));
const dGate: Scalar = (x) => tanhSlope(softplus(x)) * sigmoid(x);
const ddGate: Scalar = (x) =>
  tanhSlope(softplus(x)) * (sigmoidSlope(x) - 2 * tanh(softplus(x)) * sigmoid(x) ** 2);

/** Replaces NaN by 0: the product of a vanishing term and an infinite factor. */
const finite: (f: Scalar) => Scalar = (f) => (x) => (Number.isNaN(f(x)) ? 0 : f(x));

function logits(target: number, weight: number): Differentiable {
  const no = 1 - target;
  const yes = target * weight;
  return of(
    `binaryCrossEntropyWithLogits of ${target}, weighted by ${weight}`,
    (x) =>
      binaryCrossEntropyWithLogits(x, T.fullLike(x, target), {
        posWeight: T.tensor(weight),
        reduction: "none",
      }),
    [
      (x) => no * softplus(x) + yes * softplus(-x),
      (x) => no * sigmoid(x) - yes * sigmoid(-x),
      (x) => (no + yes) * sigmoidSlope(x),
    ],
    [1.9, 1.6, 1.3],
  );
}

function probabilities(target: number): Differentiable {
  return of(
    `binaryCrossEntropy of ${target}`,
    (p) => binaryCrossEntropy(p, T.fullLike(p, target), { reduction: "none" }),
    [
      (p) => -target * log(p) - (1 - target) * log1p(-p),
      (p) => (1 - target) / (1 - p) - target / p,
      (p) => (1 - target) / (1 - p) ** 2 + target / p ** 2,
    ],
    [1.5, 1.8, 3.1],
    { within: [2 ** -20, 1 - 2 ** -20] },
  );
}

const none = { reduction: "none" } as const;
const constant = (x: number) => Math.fround(x);

export const derivatives: readonly Differentiable[] = [
  named("exp", [exp, exp, exp], [0.84, 0.84, 0.84]),
  named("expm1", [expm1, exp, exp], [0.69, 0.84, 0.84]),
  named("log", [log, (x) => 1 / x, (x) => -1 / x ** 2], [0.52, 0.5, 1.01], { within: [0, Infinity] }),
  named("log1p", [log1p, (x) => 1 / (1 + x), (x) => -1 / (1 + x) ** 2], [0.53, 1.6, 3.0], {
    within: [-1, Infinity],
  }),
  named("log2", [Math.log2, (x) => 1 / x / LN2, (x) => -1 / x ** 2 / LN2], [0.52, 0.71, 0.82], {
    within: [0, Infinity],
  }),
  named("log10", [Math.log10, (x) => 1 / x / LN10, (x) => -1 / x ** 2 / LN10], [0.52, 0.88, 0.98], {
    within: [0, Infinity],
  }),
  named("sqrt", [sqrt, (x) => 0.5 / sqrt(x), (x) => -0.25 * x ** -1.5], [0.5, 1.6, 3.0], {
    within: [0, Infinity],
  }),
  named("rsqrt", [(x) => x ** -0.5, (x) => -0.5 * x ** -1.5, (x) => 0.75 * x ** -2.5], [1.6, 3.0, 3.5], {
    within: [0, Infinity],
  }),
  named("reciprocal", [(x) => 1 / x, (x) => -1 / x ** 2, (x) => 2 / x ** 3], [0.5, 1.01, 1.4]),
  named("sin", [sin, cos, (x) => -sin(x)], [0.52, 0.52, 0.52]),
  named("cos", [cos, (x) => -sin(x), (x) => -cos(x)], [0.52, 0.52, 0.52]),
  named("tan", [tan, (x) => 1 + tan(x) ** 2, (x) => 2 * tan(x) * (1 + tan(x) ** 2)], [0.52, 1.3, 2.1]),
  named("asin", [Math.asin, (x) => 1 / circle(x), (x) => x / circle(x) ** 3], [0.52, 1.5, 5.9], {
    within: [-1, 1],
  }),
  named("acos", [Math.acos, (x) => -1 / circle(x), (x) => -x / circle(x) ** 3], [0.52, 1.5, 5.9], {
    within: [-1, 1],
  }),
  named("atan", [Math.atan, (x) => 1 / (1 + x * x), (x) => (-2 * x) / (1 + x * x) ** 2], [0.52, 1.8, 3.2]),
  named("sinh", [sinh, cosh, sinh], [0.69, 0.54, 0.69]),
  named("cosh", [cosh, sinh, cosh], [0.54, 0.69, 0.54]),
  named("tanh", [tanh, tanhSlope, (x) => -2 * tanh(x) * tanhSlope(x)], [0.69, 0.54, 1.8]),
  named(
    "erf",
    [erf, (x) => (2 / sqrt(PI)) * exp(-x * x), finite((x) => (-4 / sqrt(PI)) * x * exp(-x * x))],
    [0.52, 2.4, 3.3],
  ),
  named("sigmoid", [sigmoid, sigmoidSlope, (x) => -sigmoidSlope(x) * tanh(x / 2)], [0.54, 0.54, 1.8]),
  named(
    "logSigmoid",
    [(x) => -softplus(-x), (x) => sigmoid(-x), (x) => -sigmoidSlope(x)],
    [0.54, 0.54, 0.53],
  ),
  named(
    "softplus",
    [
      (x) => (x > 20 ? x : softplus(x)),
      (x) => (x > 20 ? 1 : sigmoid(x)),
      (x) => (x > 20 ? 0 : sigmoidSlope(x)),
    ],
    [0.54, 0.54, 0.54],
  ),
  of(
    "softplus of a large threshold",
    (x) => T.softplus(x, { beta: 2, threshold: 1e9 }),
    [(x) => softplus(2 * x) / 2, (x) => sigmoid(2 * x), (x) => 2 * sigmoidSlope(2 * x)],
    [0.54, 0.54, 0.54],
    { within: [-1e8, 1e8] },
  ),
  named(
    "silu",
    [
      (x) => x * sigmoid(x),
      (x) => sigmoid(x) + x * sigmoidSlope(x),
      (x) => sigmoidSlope(x) * (2 - x * tanh(x / 2)),
    ],
    [1.6, 2.8, 4.5],
  ),
  named(
    "mish",
    [(x) => x * gate(x), (x) => gate(x) + x * dGate(x), (x) => 2 * dGate(x) + x * ddGate(x)],
    [2.0, 5.5, 6.7],
  ),
  named(
    "gelu",
    [
      (x) => x * normal(x),
      finite((x) => normal(x) + x * density(x)),
      finite((x) => density(x) * (2 - x * x)),
    ],
    [1.6, 4.6, 6.4],
  ),
  of(
    "gelu by tanh",
    (x) => T.gelu(x, { approximate: "tanh" }),
    [
      (x) => x * sigmoid(2 * u(x)),
      (x) => sigmoid(2 * u(x)) + (abs(x) > 100 ? 0 : 2 * x * sigmoidSlope(2 * u(x)) * du(x)),
      (x) =>
        abs(x) > 100
          ? 0
          : sigmoidSlope(2 * u(x)) * (4 * du(x) + 2 * x * ddu(x) - 4 * x * du(x) ** 2 * tanh(u(x))),
    ],
    [2.6, 9.1, 12.3],
  ),
  named("asinh", [Math.asinh, (x) => 1 / sqrt(1 + x * x), (x) => -x / (1 + x * x) ** 1.5], [1.7, 2.3, 5.8]),
  named(
    "acosh",
    [
      (x) => (x < 1.5 ? log1p(x - 1 + sqrt((x - 1) * (x + 1))) : Math.acosh(x)),
      (x) => 1 / sqrt((x - 1) * (x + 1)),
      (x) => -x / ((x - 1) * (x + 1)) ** 1.5,
    ],
    [1.2, 1.4, 2.8],
    { within: [1, Infinity] },
  ),
  named(
    "atanh",
    [Math.atanh, (x) => 1 / ((1 - x) * (1 + x)), (x) => (2 * x) / ((1 - x) * (1 + x)) ** 2],
    [2.1, 1.4, 4.1],
    { within: [-1, 1] },
  ),
  named(
    "erfc",
    [
      (x) => 2 * normal(-x / SQRT1_2),
      (x) => (-2 / sqrt(PI)) * exp(-x * x),
      finite((x) => (4 / sqrt(PI)) * x * exp(-x * x)),
    ],
    [1.5, 2.4, 3.2],
  ),
  named(
    "erfinv",
    [
      inverseErf,
      (x) => (sqrt(PI) / 2) * exp(inverseErf(x) ** 2),
      (x) => (PI / 2) * inverseErf(x) * exp(2 * inverseErf(x) ** 2),
    ],
    [1.2, 2.4, 4.6],
    { within: [-1, 1] },
  ),
  named("lgamma", [logGamma, (x) => polygamma(0, x), (x) => polygamma(1, x)], [5.5, 5, 4], {
    within: [0, Infinity],
  }),
  of("lgamma below 0", T.lgamma, [logGamma, (x) => polygamma(0, x), (x) => polygamma(1, x)], [12, 2, 3.7], {
    within: [-5, 0],
  }),
  named("digamma", [(x) => polygamma(0, x), (x) => polygamma(1, x), (x) => polygamma(2, x)], [5.8, 4, 5.3], {
    within: [0, Infinity],
  }),
  named("tanhshrink", [shrunk, (x) => tanh(x) ** 2, (x) => 2 * tanh(x) * tanhSlope(x)], [1.5, 1.7, 1.9]),
  named(
    "logit",
    [
      (x) => (abs(x - 0.5) < 0.25 ? 2 * Math.atanh(2 * x - 1) : log(x) - log1p(-x)),
      (x) => 1 / (x * (1 - x)),
      (x) => (2 * x - 1) / (x * (1 - x)) ** 2,
    ],
    [1.5, 1.5, 2.4],
    { within: [0, 1] },
  ),
  named("elu", exponentialUnit(1), [0.69, 0.79, 0.79]),
  of("elu of 0.7", (x) => T.elu(x, constant(0.7)), exponentialUnit(constant(0.7)), [1.3, 1.6, 1.6]),
  named("selu", exponentialUnit(1.6732632423543772, 1, 1.0507009873554805), [1.9, 1.8, 1.8]),
  of(
    "celu of 0.7",
    (x) => T.celu(x, constant(0.7)),
    exponentialUnit(constant(0.7), constant(0.7)),
    [2.0, 2.4, 1.8],
  ),
  of("celu of 3", (x) => T.celu(x, 3), exponentialUnit(3, 3), [2.1, 2.3, 1.7]),
  named(
    "softsign",
    [(x) => x / (1 + abs(x)), (x) => (1 + abs(x)) ** -2, (x) => -2 * Math.sign(x) * (1 + abs(x)) ** -3],
    [1.6, 3.7, 5.3],
  ),
  logits(0, 1),
  logits(1, 1),
  logits(0.25, 1),
  logits(1, 0.125),
  logits(0.75, 1000),
  probabilities(0),
  probabilities(1),
  probabilities(0.25),
  of(
    "poissonNllLoss",
    (x) => poissonNllLoss(x, T.fullLike(x, 3), none),
    [(x) => exp(x) - 3 * x, (x) => exp(x) - 3, exp],
    [1.3, 1.2, 0.84],
  ),
  of(
    "klDiv",
    (x) => klDiv(x, T.fullLike(x, 0.25), none),
    [(x) => 0.25 * (log(0.25) - x), () => -0.25, () => 0],
    [0.58, 0.5, 0.5],
  ),
  of(
    "gaussianNllLoss by the variance",
    (v) => gaussianNllLoss(T.zerosLike(v), T.fullLike(v, 2), v, none),
    [(v) => (log(v) + 4 / v) / 2, (v) => (1 / v - 4 / v ** 2) / 2, (v) => -1 / (2 * v * v) + 4 / v ** 3],
    [1.6, 2.0, 4.7],
    { within: [1e-5, 1e10] },
  ),
];
