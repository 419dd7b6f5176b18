import { Generator, randperm } from "@thalweg/tensor";
import {
  checkArguments,
  count,
  describe,
  kind,
  list,
  named,
  number,
  optional,
  options as optionsOf,
} from "@thalweg/tensor/internal";
import { type Collated, collate } from "./collate";
import { DataError } from "./data-error";
import { type Dataset, datasetOf, examples, isPromise } from "./dataset";

/**
 * Some of the examples of another dataset.
 *
 * @example
 * const odd = new Subset(new TensorDataset(tensor([1, 2, 3, 4])), [0, 2]);
 * odd.get(1)[0].item(); // → 3
 * odd.batch()[0].toArray(); // → [1,3]
 */
export class Subset<T, Joined = Collated<T> | Promise<Collated<T>>> implements Dataset<T, Joined> {
  readonly dataset: Dataset<T, Joined>;
  /** Positions of the examples in `dataset`. */
  readonly indices: readonly number[];

  /**
   * @param dataset examples, or an array of them
   * @param indices positions of some of them, in any order
   * @throws DataError when the dataset is invalid.
   */
  constructor(dataset: Dataset<T, Joined> | readonly T[], indices: readonly number[]) {
    checkArguments("Subset", { dataset: examples, indices: list(count) }, [dataset, indices]);
    this.dataset = datasetOf(dataset);
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  /** @throws DataError when there is no such example. */
  get(index: number): T {
    return this.dataset.get(this.at(index));
  }

  /**
   * Several examples at once, joined by the dataset, or by {@link collate}.
   *
   * @param indices positions in the subset; all of it unless given
   * @throws DataError when there is no such example.
   */
  batch(indices?: readonly number[]): Joined {
    checkArguments("batch", { indices: optional(list(number)) }, [indices]);
    const chosen = indices === undefined ? this.indices : indices.map((index) => this.at(index));
    const { dataset } = this;
    return named("batch", () => {
      if (dataset.batch !== undefined) return dataset.batch(chosen);
      const parts = chosen.map((index) => dataset.get(index));
      return (parts.some(isPromise) ? Promise.all(parts).then(collate) : collate(parts)) as Joined;
    });
  }

  private at(index: number): number {
    const position = Number.isInteger(index) ? this.indices[index] : undefined;
    if (position !== undefined) return position;
    throw new DataError(
      "Subset",
      `there is no example ${describe(index)}, the subset has ${this.length}`,
      "use a smaller one",
    );
  }
}

/** Options of {@link randomSplit}. */
export interface RandomSplitOptions {
  /** The source of the order; the generator that `manualSeed` seeds unless given. */
  readonly generator?: Generator;
}

const signature = {
  dataset: examples,
  parts: list(number),
  options: optionsOf<RandomSplitOptions>({
    generator: kind("a Generator", (value) => value instanceof Generator),
  }),
};

/**
 * Divides a dataset at random into subsets that share no example.
 *
 * @param dataset examples, or an array of them
 * @param parts the sizes of the subsets: whole numbers that add up to the length, or fractions that add up
 * to 1. Each fraction is rounded down, as in PyTorch; remaining examples go to the first subsets, one each
 * @returns as many subsets as there are parts
 * @throws DataError when the parts do not add up.
 * @example
 * const dataset = new TensorDataset(tensor([1, 2, 3, 4, 5]));
 * const [train, test] = randomSplit(dataset, [0.8, 0.2], { generator: new Generator(7) });
 * [train.length, test.length]; // → [4,1]
 */
export function randomSplit<
  T,
  const Parts extends readonly number[] = number[],
  Joined = Collated<T> | Promise<Collated<T>>,
>(
  dataset: Dataset<T, Joined> | readonly T[],
  parts: Parts,
  options: RandomSplitOptions = {},
): { -readonly [Part in keyof Parts]: Subset<T, Joined> } {
  checkArguments("randomSplit", signature, [dataset, parts, options]);
  const from = datasetOf(dataset);
  const { length } = from;
  const sizes = sizesOf("randomSplit", parts, length);
  const order = named("randomSplit", () =>
    randperm(length, { ...options, dtype: "float64", device: "cpu" }).dataSync(),
  );
  let start = 0;
  const subsets = sizes.map((size) => {
    start += size;
    return new Subset(from, [...order.subarray(start - size, start)]);
  });
  return subsets as { -readonly [Part in keyof Parts]: Subset<T, Joined> };
}

/** The sizes of parts, given as such or as fractions. */
export function sizesOf(op: string, parts: readonly number[], length: number): number[] {
  const sum = parts.reduce((a, b) => a + b, 0);
  const valid = parts.length > 0 && parts.every((part) => part >= 0);
  if (valid && sum === length && parts.every(Number.isInteger)) return [...parts];
  if (!valid || Math.abs(sum - 1) > 1e-9) {
    throw new DataError(
      op,
      `the parts do not add up, [${parts.join(", ")}] for ${length} examples`,
      "pass lengths that add up to that number, or fractions that add up to 1",
    );
  }
  const sizes = parts.map((part) => Math.floor(part * length));
  let rest = length - sizes.reduce((a, b) => a + b, 0);
  for (let k = 0; rest > 0; k = (k + 1) % sizes.length, rest--) sizes[k]!++;
  return sizes;
}
