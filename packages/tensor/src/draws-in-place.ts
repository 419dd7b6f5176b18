import { ThalwegError } from "@thalweg/kernels";
import { exponential, geometric, normal } from "./draws";
import { tensor } from "./kinds";
import { add, mul } from "./ops/map/arithmetic";
import { expand } from "./ops/view/shape";
import { copy_ } from "./ops/write";
import { bernoulli, type Generator, generatorKind, type RandomOptions, rand } from "./random";
import { aboveZero, either, finite, number, operation, optional, options, probability } from "./signature";
import { Tensor } from "./tensor";

/** Options of the functions that fill a tensor with random numbers. */
export interface FillOptions {
  /** Source of the numbers; the generator that {@link manualSeed} seeds unless given. */
  readonly generator?: Generator;
}

const filling = /* @__PURE__ */ options<FillOptions>({ generator: generatorKind });

/** Options for numbers of the type of `x`, on its device. */
const like = (x: Tensor, options: FillOptions): RandomOptions => ({
  ...options,
  device: x.device,
  dtype: x.dtype,
});

/**
 * Overwrites the elements with uniform numbers from `low` (0 unless given) to below `high` (1 unless given); returns x. Throws for a leaf
 * that requires grad, except within `noGrad`; so do the others that fill with random numbers.
 *
 * @throws DTypeError for ints; ThalwegError when `high` is below `low`.
 */
export const uniform_ = /* @__PURE__ */ operation(
  "uniform_",
  {
    x: tensor,
    low: /* @__PURE__ */ optional(finite),
    high: /* @__PURE__ */ optional(finite),
    options: filling,
  },
  (x: Tensor, low = 0, high = 1, options: FillOptions = {}): Tensor => {
    if (high < low) throw new ThalwegError("uniform_", `high is below low, ${high} and ${low}`, "swap them");
    return copy_(x, add(mul(rand(x.shape, like(x, options)), high - low), low));
  },
);

/**
 * Overwrites the elements with normal numbers of mean `mean` (0 unless given) and standard deviation `std` (1 unless given); returns x.
 *
 * @throws DTypeError for ints; ThalwegError when `std` is negative.
 */
export const normal_ = /* @__PURE__ */ operation(
  "normal_",
  {
    x: tensor,
    mean: /* @__PURE__ */ optional(number),
    std: /* @__PURE__ */ optional(number),
    options: filling,
  },
  (x: Tensor, mean = 0, std = 1, options: FillOptions = {}): Tensor =>
    copy_(x, normal(mean, std, x.shape, like(x, options))),
);

/**
 * Overwrites the elements with 1 with probability `p`, otherwise 0; returns x. `p` is a number, or a tensor of probabilities that
 * broadcasts to x, on its device; 0.5 unless given.
 *
 * @throws ThalwegError when a probability of a tensor is not between 0 and 1. On WebGPU the next read throws instead.
 */
export const bernoulli_ = /* @__PURE__ */ operation(
  "bernoulli_",
  {
    x: tensor,
    p: /* @__PURE__ */ optional(/* @__PURE__ */ either(probability, tensor)),
    options: filling,
  },
  (x: Tensor, p: number | Tensor = 0.5, options: FillOptions = {}): Tensor =>
    copy_(
      x,
      p instanceof Tensor ? bernoulli(expand(p, x.shape), options) : bernoulli(x.shape, p, like(x, options)),
    ),
);

/**
 * Overwrites the elements with numbers of the exponential distribution, as {@link exponential} draws them; returns x. `rate` is 1 unless given.
 *
 * @throws DTypeError for ints.
 */
export const exponential_ = /* @__PURE__ */ operation(
  "exponential_",
  { x: tensor, rate: /* @__PURE__ */ optional(aboveZero), options: filling },
  (x: Tensor, rate = 1, options: FillOptions = {}): Tensor =>
    copy_(x, exponential(x.shape, rate, like(x, options))),
);

/** Overwrites the elements with numbers of trials until a success of probability `p`, as {@link geometric} draws them; returns x. */
export const geometric_ = /* @__PURE__ */ operation(
  "geometric_",
  { x: tensor, p: number, options: filling },
  (x: Tensor, p: number, options: FillOptions = {}): Tensor =>
    copy_(x, geometric(x.shape, p, like(x, options))),
);
