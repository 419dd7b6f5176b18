import { Generator, rand, Tensor } from "@thalweg/tensor";
import {
  boolean,
  brandOf,
  checkArguments,
  describe,
  type Kind,
  kind,
  named,
  options as optionsOf,
  positive,
} from "@thalweg/tensor/internal";
import { DataError } from "./data-error";

/**
 * Chooses the examples of an epoch, and their order, for a {@link DataLoader}. Any object with `length` and `indices`
 * is one.
 *
 * The result of `indices` may depend on the generator that it is given: the loader saves the generator's state, and calls
 * `indices` again when it resumes in the middle of an epoch. If it depends on anything else that changes, a count of epochs
 * for instance, that is the sampler's own state: then it has `stateDict` and `prepareLoad`, too, and the loader saves it.
 *
 * @example
 * const backwards: Sampler = { length: 3, indices: () => [2, 1, 0] };
 * [...new DataLoader([10, 20, 30], { sampler: backwards })].map((x) => x.toArray()); // → [[30],[20],[10]]
 */
export interface Sampler {
  /** Number of examples in an epoch. */
  readonly length: number;
  /**
   * The positions of an epoch's examples in the dataset, `length` of them; called when an epoch starts.
   *
   * @param generator the source of random numbers
   */
  indices(generator: Generator): Iterable<number>;
  /** The sampler's own state, of values that a checkpoint can hold: numbers, texts, tensors, arrays and plain objects. */
  stateDict?(): unknown;
  /** Checks a state without changing anything; returns a function that loads it and must not throw. */
  prepareLoad?(state: never): () => unknown;
}

/** The argument for a sampler. */
export const sampler: Kind = {
  ...kind("a sampler", (value) => {
    const { length, indices, stateDict, prepareLoad } = Object(value) as Partial<Sampler>;
    return (
      typeof indices === "function" &&
      Number.isSafeInteger(length) &&
      length! >= 0 &&
      typeof stateDict === typeof prepareLoad &&
      ["function", "undefined"].includes(typeof stateDict)
    );
  }),
  explain: (op) =>
    new DataError(
      op,
      "a sampler needs a length and indices(generator), and stateDict() and prepareLoad(state) both or neither",
      "new WeightedRandomSampler(weights, count) is one",
    ),
};

/** Checks that a sampler chose as many positions as it said, all of them in the dataset. */
export function chosen(indices: unknown, length: number, examples: number): Float64Array {
  if (typeof (indices as Iterable<number> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new DataError(
      "DataLoader",
      "indices() of the sampler returns nothing to iterate",
      "return an array",
    );
  }
  const found = new Float64Array(length);
  let count = 0;
  for (const index of indices as Iterable<number>) {
    if (!Number.isSafeInteger(index) || index < 0 || index >= examples) {
      throw new DataError(
        "DataLoader",
        `the sampler chose the example ${describe(index)}, the dataset has ${examples}`,
        "choose whole numbers below that",
      );
    }
    if (count < length) found[count] = index;
    if (++count > length) break;
  }
  if (count === length) return found;
  throw new DataError(
    "DataLoader",
    `the sampler chose ${count > length ? `more than ${length}` : count} examples, its length is ${length}`,
    "both must be the same",
  );
}

/** Options of {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions {
  /** Whether an example can be drawn more than once in an epoch; true unless given. */
  readonly replacement?: boolean;
  /** The source of random numbers; the loader's generator unless given. */
  readonly generator?: Generator;
}

const weightsKind = kind(
  "an array or a vector of weights from 0 on, of which one at least is larger",
  (value) => {
    const weights = numbersOf(value);
    if (weights === null) return false;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.every((weight) => weight >= 0) && total > 0 && total < Number.POSITIVE_INFINITY;
  },
);

function numbersOf(value: unknown): Float64Array | null {
  if (value instanceof Tensor) return value.ndim === 1 ? Float64Array.from(value.dataSync()) : null;
  if (Array.isArray(value))
    return Array.from(value).every((item) => typeof item === "number") ? Float64Array.from(value) : null;
  const isNumbers = ArrayBuffer.isView(value) && !/^(DataView|Big)/.test(brandOf(value));
  return isNumbers ? Float64Array.from(value as unknown as ArrayLike<number>) : null;
}

const generatorKind = kind("a Generator", (value) => value instanceof Generator);

const signature = {
  weights: weightsKind,
  count: positive,
  options: optionsOf<WeightedRandomSamplerOptions>({
    replacement: boolean,
    generator: generatorKind,
  }),
};

/**
 * Draws examples with probabilities in proportion to their weights, which need not add up to 1, for instance to see
 * rare classes more often.
 *
 * @example
 * const sampler = new WeightedRandomSampler([0, 3, 1], 6, { generator: new Generator(3) });
 * [...new DataLoader([10, 20, 30], { sampler, batchSize: 6 })].map((x) => x.toArray()); // → [[20,30,30,30,20,20]]
 */
export class WeightedRandomSampler implements Sampler {
  /** Number of examples in an epoch. */
  readonly length: number;
  private readonly weights: Float64Array;
  private readonly replacement: boolean;
  private readonly generator: Generator | undefined;

  /**
   * @param weights one for each example of the dataset, from 0 on: an array, or a tensor of one dimension; copied
   * @param count number of examples in an epoch
   * @throws DataError when fewer examples have a weight above 0 than are drawn without replacement.
   */
  constructor(
    weights: ArrayLike<number> | Tensor,
    count: number,
    options: WeightedRandomSamplerOptions = {},
  ) {
    checkArguments("WeightedRandomSampler", signature, [weights, count, options]);
    const { replacement = true, generator } = options;
    this.weights = numbersOf(weights)!;
    this.length = count;
    this.replacement = replacement;
    this.generator = generator;
    const possible = this.weights.reduce((sum, weight) => sum + (weight > 0 ? 1 : 0), 0);
    if (replacement || count <= possible) return;
    throw new DataError(
      "WeightedRandomSampler",
      `cannot draw ${count} examples without replacement, ${possible} have a weight above 0`,
      "draw fewer, or with replacement",
    );
  }

  indices(generator: Generator): number[] {
    const from = this.generator ?? generator;
    checkArguments("indices", { generator: generatorKind }, [from]);
    return named("indices", () => (this.replacement ? this.drawAgain(from) : this.drawOnce(from)));
  }

  /** The state of its own generator; null if it has none. */
  stateDict(): unknown {
    return this.generator?.getState() ?? null;
  }

  /** @throws DataError when the state has a generator and this sampler has none, or the other way round. */
  prepareLoad(state: unknown): () => unknown {
    const { generator } = this;
    if (generator !== undefined) return named("prepareLoad", () => generator.prepareLoad(state as never));
    if (state === null) return () => {};
    throw new DataError("prepareLoad", "the sampler has no generator", "make it as it was when it was saved");
  }

  private drawAgain(generator: Generator): number[] {
    const { weights } = this;
    let sum = 0;
    const sums = weights.map((weight) => (sum += weight));
    // Rounding must not go beyond the last example with a weight.
    const last = weights.findLastIndex((weight) => weight > 0);
    return Array.from(uniform(this.length, generator), (u) => Math.min(firstAbove(sums, u * sum), last));
  }

  /** The examples that come first when each gets an exponentially distributed time with its weight as rate. */
  private drawOnce(generator: Generator): number[] {
    const { weights } = this;
    const times = uniform(weights.length, generator).map((u, i) => -Math.log1p(-u) / weights[i]!);
    return Array.from(weights.keys())
      .filter((i) => weights[i]! > 0)
      .sort((a, b) => times[a]! - times[b]! || a - b)
      .slice(0, this.length);
  }
}

const uniform = (count: number, generator: Generator): Float64Array =>
  rand([count], { generator, dtype: "float64", device: "cpu" }).dataSync() as Float64Array;

/** Position of the first of ascending numbers that is larger than `value`. */
function firstAbove(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
