import { formatShape, ShapeError, ThalwegError } from "@thalweg/kernels";
import { exponentialFrom } from "./draws";
import { tensor } from "./kinds";
import { checkElements } from "./ops/check-elements";
import { searchsorted } from "./ops/index/counts";
import { topk } from "./ops/index/sort";
import { div } from "./ops/map/arithmetic";
import { pointwise } from "./ops/pointwise";
import { argmax } from "./ops/reduce/extrema";
import { cumsum } from "./ops/scan/recurrence";
import { checkFloating } from "./ops/types";
import { narrow } from "./ops/view/slice";
import { type Generator, generatorKind, random } from "./random";
import { boolean, operation, options, positive } from "./signature";
import type { Tensor } from "./tensor";

/** Options of {@link multinomial}. */
export interface MultinomialOptions {
  /** Whether a category may be drawn more than once; false unless given. */
  readonly replacement?: boolean;
  /** Source of the numbers; the generator that {@link manualSeed} seeds unless given. */
  readonly generator?: Generator;
}

/** Throws unless every row of weights is finite, not negative, and has enough weights above 0. */
function checkWeights(op: string, weights: Tensor, needed: number): void {
  const categories = weights.shape.at(-1)!;
  checkElements(op, weights, (x) => {
    const values = x.dataSync();
    for (let start = 0; start < values.length; start += categories) {
      let positives = 0;
      for (let i = start; i < start + categories; i++) {
        const weight = values[i]!;
        if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
          throw new ThalwegError(op, `a weight is ${weight}`, "weights must be finite and not negative");
        }
        if (weight > 0) positives++;
      }
      if (positives >= needed) continue;
      throw new ThalwegError(
        op,
        `too few weights are above 0, ${positives} in row ${start / categories} and ${needed} needed`,
        needed > 1 ? "draw fewer, or with replacement" : "give each row a weight above 0",
      );
    }
  });
}

/** The weight divided by an exponential number: the largest of a row is a draw, and the next ones are draws without replacement. */
const race = /* @__PURE__ */ pointwise("race", (u, weight) => weight.div(exponentialFrom(u)), {
  domain: [
    { min: 0.1, max: 0.9 },
    { min: 0.5, max: 2 },
  ],
});

/**
 * Draws `count` categories with probabilities proportional to weights: int32 positions of shape [count], or [rows, count]
 * for weights of shape [rows, categories]. Nothing has a gradient. A category is drawn at most once unless `replacement` is true.
 *
 * @throws ThalwegError when a weight is negative or not finite, or too few are above 0; weights on other devices than the CPU are not
 * checked. ShapeError for other shapes, DTypeError for ints.
 * @example
 * multinomial(tensor([0, 0, 5]), 2, { replacement: true }).toArray(); // → [2,2]
 */
export const multinomial = /* @__PURE__ */ operation(
  "multinomial",
  {
    weights: tensor,
    count: positive,
    options: /* @__PURE__ */ options<MultinomialOptions>({
      replacement: boolean,
      generator: generatorKind,
    }),
  },
  (weights: Tensor, count: number, { replacement = false, generator }: MultinomialOptions = {}): Tensor => {
    const op = "multinomial";
    const { ndim, shape } = weights;
    checkFloating(op, weights);
    const categories = shape.at(-1) ?? 0;
    if (ndim < 1 || ndim > 2 || categories < (replacement ? 1 : count)) {
      throw new ShapeError(
        op,
        `cannot draw ${count} categories of weights of shape ${formatShape(shape)}`,
        "pass [categories] or [rows, categories], and draw no more categories than there are without replacement",
        [shape],
      );
    }
    const x = weights.detach();
    checkWeights(op, x, replacement ? 1 : count);
    const place = { device: x.device, dtype: x.dtype, ...(generator && { generator }) };
    if (replacement && count > 1) {
      const sums = cumsum(x, -1);
      const reached = div(sums, narrow(sums, -1, categories - 1, 1));
      const u = random(op, "uniform", [...shape.slice(0, -1), count], place);
      return searchsorted(reached, u, { right: true });
    }
    const scores = race(random(op, "uniform", shape, place), x);
    return count === 1 ? argmax(scores, -1, { keepDim: true }) : topk(scores, count, -1).indices;
  },
);
