import { broadcastShapes, type Expr, promote, type Shape, ShapeError, ThalwegError } from "@thalweg/kernels";
import { operand, shape } from "./kinds";
import { to } from "./ops/cast";
import { checkElements } from "./ops/check-elements";
import { applyInPlace } from "./ops/in-place";
import { commonBackend } from "./ops/operands";
import { type Operand, pointwise } from "./ops/pointwise";
import { amin } from "./ops/reduce/extrema";
import { checkFloating } from "./ops/types";
import { drawing, finished, type Generator, type RandomOptions, random, uniform } from "./random";
import { aboveZero, checkArguments, either, kind, operation, optional } from "./signature";
import { Tensor } from "./tensor";

/**
 * The exponential number of a uniform number in [0, 1). The latter is 0 once in 2^24 draws, which gives the middle of the first
 * interval, so that all results are above 0.
 */
export const exponentialFrom = (u: Expr): Expr =>
  u
    .rsub(1)
    .log()
    .neg()
    .maximum(2 ** -25);

const exponentialOf = /* @__PURE__ */ pointwise("exponential", (u, rate) => exponentialFrom(u).div(rate), {
  domain: [
    { min: 0.1, max: 0.9 },
    { min: 0.5, max: 2 },
  ],
});

/**
 * Numbers of the exponential distribution with density rate·e^(-rate·x), whose mean is 1/rate; `rate` is 1 unless given. All are above 0.
 *
 * @throws DTypeError when `dtype` is not floating.
 * @example
 * exponential([1000], 2, { generator: new Generator(1) }).mean().item().toFixed(1); // → "0.5"
 */
export const exponential = /* @__PURE__ */ operation(
  "exponential",
  { shape, rate: /* @__PURE__ */ optional(aboveZero), options: drawing },
  (shape: Shape, rate = 1, options: RandomOptions = {}): Tensor => {
    const u = random("exponential", "uniform", shape, options);
    return finished(applyInPlace(exponentialOf.op, u, [u, rate], "exponential"), options);
  },
);

const gumbelOf = /* @__PURE__ */ pointwise("gumbelOfUniform", (u) => exponentialFrom(u).log().neg(), {
  domain: { min: 0.1, max: 0.9 },
});

/**
 * Numbers of the standard Gumbel distribution, -log(e) for numbers e of {@link exponential}. The position of the largest of
 * `logits + gumbel` is a sample of the categorical distribution of these logits.
 *
 * @throws DTypeError when `dtype` is not floating.
 */
export const gumbel = /* @__PURE__ */ operation(
  "gumbel",
  { shape, options: drawing },
  (shape: Shape, options: RandomOptions = {}): Tensor => {
    const u = random("gumbel", "uniform", shape, options);
    return finished(applyInPlace(gumbelOf.op, u, [u], "gumbel"), options);
  },
);

const geometricOf = /* @__PURE__ */ pointwise(
  "geometric",
  (u, scale) => u.rsub(1).log().mul(scale).ceil().maximum(1),
  {
    domain: [
      { min: 0.1, max: 0.9 },
      { min: -2, max: -1 },
    ],
  },
);

const chance = /* @__PURE__ */ kind(
  "a number above 0, at most 1",
  (value) => typeof value === "number" && value > 0 && value <= 1,
);

/**
 * The number of trials up to and including the first success, where each trial succeeds with probability `p`: whole numbers from 1
 * on. float32 unless `dtype` is given.
 *
 * @example
 * geometric([3], 1).toArray(); // → [1,1,1]
 */
export const geometric = /* @__PURE__ */ operation(
  "geometric",
  { shape, p: chance, options: drawing },
  (shape: Shape, p: number, options: RandomOptions = {}): Tensor => {
    const u = uniform("geometric", shape, options);
    const trials = applyInPlace(geometricOf.op, u, [u, 1 / Math.log1p(-p)], "geometric");
    return finished(to(trials, options.dtype ?? "float32"), options);
  },
);

const normalOf = /* @__PURE__ */ pointwise("normal", (z, mean, std) => z.mul(std).add(mean));

function negative(op: string, std: number): ThalwegError {
  return new ThalwegError(op, `a standard deviation is ${std}`, "it must not be negative");
}

/** Throws if a standard deviation is negative. Those of tensors are checked on the CPU alone. */
function checkDeviation(op: string, std: Operand): void {
  if (typeof std === "number") {
    if (std < 0) throw negative(op, std);
    return;
  }
  checkElements(op, std, (x) => {
    const least = amin(x).item();
    if (least < 0) throw negative(op, least);
  });
}

function normalOfTensors(mean: Operand, std: Operand, generator: Generator | undefined): Tensor {
  const tensors = [mean, std].filter((x) => x instanceof Tensor);
  const { device } = commonBackend("normal", tensors);
  for (const x of tensors) checkFloating("normal", x);
  checkDeviation("normal", std);
  const shape = broadcastShapes(
    "normal",
    tensors.map((x) => x.shape),
  );
  const place = { device, dtype: tensors.map(({ dtype }) => dtype).reduce(promote) };
  const z = random("normal", "normal", shape, generator === undefined ? place : { ...place, generator });
  const [center, scale] = [mean, std].map((x) => (x instanceof Tensor ? x.detach() : x)) as [
    Operand,
    Operand,
  ];
  return applyInPlace(normalOf.op, z, [z, center, scale], "normal");
}

const normalArguments = {
  mean: operand,
  std: operand,
  shape: /* @__PURE__ */ optional(/* @__PURE__ */ either(shape, drawing)),
  options: drawing,
};

/**
 * Normal numbers with the mean and the standard deviation in each element of two tensors, which broadcast, or of one tensor beside a
 * number. Neither gets a gradient. `generator` is the one that {@link manualSeed} seeds unless given.
 *
 * @throws ThalwegError when a standard deviation is negative; those of tensors are checked on the CPU alone. DTypeError for ints.
 * @example
 * normal(tensor([1, 2]), 0).toArray(); // → [1,2]
 */
export function normal(mean: Tensor, std: Operand, options?: { readonly generator?: Generator }): Tensor;
/** Normal numbers with one mean, and the standard deviation in each element of a tensor. */
export function normal(mean: number, std: Tensor, options?: { readonly generator?: Generator }): Tensor;
/** Normal numbers of one mean and one standard deviation, for each element of a shape. */
export function normal(mean: number, std: number, shape: Shape, options?: RandomOptions): Tensor;
export function normal(
  mean: Operand,
  std: Operand,
  third?: Shape | RandomOptions,
  options: RandomOptions = {},
): Tensor {
  checkArguments("normal", normalArguments, [mean, std, third, options]);
  if (typeof mean !== "number" || typeof std !== "number") {
    if (Array.isArray(third)) {
      throw new ShapeError("normal", "got tensors and a shape", "leave the shape out, or expand the tensors");
    }
    return normalOfTensors(mean, std, (third as RandomOptions | undefined)?.generator);
  }
  if (!Array.isArray(third)) {
    throw new ShapeError("normal", "numbers have no shape", "call it as normal(mean, std, shape)");
  }
  checkDeviation("normal", std);
  const z = random("normal", "normal", third as Shape, options);
  return finished(applyInPlace(normalOf.op, z, [z, mean, std], "normal"), options);
}
