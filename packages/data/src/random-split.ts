import { type Generator, randperm } from "@thalweg/tensor";
import type { Collated } from "./collate";
import { DataError } from "./data-error";
import type { Dataset } from "./dataset";

/** Some of the examples of another dataset. */
export class Subset<T> implements Dataset<T> {
  readonly dataset: Dataset<T>;
  /** Positions of the examples in `dataset`. */
  readonly indices: readonly number[];
  readonly batch?: (indices: readonly number[]) => Collated<T> | Promise<Collated<T>>;

  constructor(dataset: Dataset<T>, indices: readonly number[]) {
    this.dataset = dataset;
    this.indices = indices;
    if (dataset.batch !== undefined) this.batch = (chosen) => dataset.batch!(chosen.map((i) => this.at(i)));
  }

  get length(): number {
    return this.indices.length;
  }

  get(index: number): T {
    return this.dataset.get(this.at(index));
  }

  private at(index: number): number {
    const position = this.indices[index];
    if (position !== undefined) return position;
    throw new DataError(
      "Subset",
      `there is no example ${index}, the subset has ${this.length}`,
      "use a smaller one",
    );
  }
}

/**
 * Divides a dataset at random into subsets that share no example.
 *
 * @param parts how many examples go where: whole numbers that add up to the length, or fractions that add up
 * to 1. Each fraction is rounded down, as PyTorch does it; examples that remain go to the first subsets, one each
 * @throws DataError when the parts do not add up.
 * @example
 * const dataset = new TensorDataset(tensor([1, 2, 3, 4, 5]));
 * const [train, test] = randomSplit(dataset, [0.8, 0.2], { generator: new Generator(7) });
 * [train.length, test.length]; // → [4,1]
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  parts: readonly number[],
  options: { readonly generator?: Generator } = {},
): Subset<T>[] {
  const { length } = dataset;
  const sizes = sizesOf(parts, length);
  const order = randperm(length, { ...options, dtype: "float64", device: "cpu" }).dataSync();
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return new Subset(dataset, [...order.subarray(start - size, start)]);
  });
}

function sizesOf(parts: readonly number[], length: number): number[] {
  const sum = parts.reduce((a, b) => a + b, 0);
  const valid = parts.length > 0 && parts.every((part) => part >= 0);
  if (valid && sum === length && parts.every(Number.isInteger)) return [...parts];
  if (!valid || Math.abs(sum - 1) > 1e-9) {
    throw new DataError(
      "randomSplit",
      `the parts do not add up, [${parts.join(", ")}] for ${length} examples`,
      "pass lengths that add up to that number, or fractions that add up to 1",
    );
  }
  const sizes = parts.map((part) => Math.floor(part * length));
  let rest = length - sizes.reduce((a, b) => a + b, 0);
  for (let k = 0; rest > 0; k = (k + 1) % sizes.length, rest--) sizes[k]!++;
  return sizes;
}
