import { type Generator as RandomGenerator, randperm } from "@thalweg/tensor";
import { type Collated, collate } from "./collate";
import { DataError } from "./data-error";
import type { Dataset } from "./dataset";

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<T, Batch> {
  /** Examples in a batch; 1 unless given. */
  readonly batchSize?: number;
  /** Whether every epoch goes through the examples in a new random order; false unless given. */
  readonly shuffle?: boolean;
  /** Where the orders come from; the generator that `manualSeed` seeds unless given. */
  readonly generator?: RandomGenerator;
  /** Whether to leave out a last batch that is not full; false unless given. */
  readonly dropLast?: boolean;
  /** Makes a batch of examples; {@link collate} unless given. */
  readonly collate?: (examples: Awaited<T>[]) => Batch;
}

/**
 * Goes through a dataset in batches. Iterating over it is one epoch: with `for`, or with `for await`,
 * which also takes datasets that return promises.
 *
 * The order is drawn from the generator when an iteration starts, so that one seed gives the same orders,
 * epoch after epoch, on every machine.
 *
 * @example
 * const dataset = new TensorDataset(tensor([1, 2, 3, 4, 5]));
 * const loader = new DataLoader(dataset, { batchSize: 2 });
 * loader.length; // → 3
 * [...loader].map(([x]) => x.toArray()); // → [[1,2],[3,4],[5]]
 */
export class DataLoader<T, Batch = Collated<T>> implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Dataset<T>;
  readonly batchSize: number;
  private readonly options: DataLoaderOptions<T, Batch>;

  /** @throws DataError when the batch size is not a whole number from 1 on, or the dataset is not one. */
  constructor(dataset: Dataset<T>, options: DataLoaderOptions<T, Batch> = {}) {
    const { batchSize = 1 } = options;
    if (typeof dataset?.get !== "function" || !isCount(dataset.length)) {
      throw new DataError(
        "DataLoader",
        `a dataset needs get(index) and a length, got ${describe(dataset)}`,
        "wrap tensors: new TensorDataset(inputs, targets)",
      );
    }
    if (!isCount(batchSize) || batchSize === 0) {
      throw new DataError(
        "DataLoader",
        `batchSize must be a whole number from 1 on, got ${batchSize}`,
        "pass dataset.length for a single batch",
      );
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.options = options;
  }

  /** Number of batches in an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.options.dropLast === true ? Math.floor(batches) : Math.ceil(batches);
  }

  /** @throws DataError when the dataset returns promises. */
  [Symbol.iterator](): IterableIterator<Batch> {
    return this.batches(this.plan());
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    return this.batchesToCome(this.plan());
  }

  private *batches(plan: readonly number[][]) {
    for (const indices of plan) {
      const batch = this.load(indices);
      if (isPromise(batch)) {
        batch.then(undefined, () => {}); // Nobody will wait for it.
        throw new DataError(
          "DataLoader",
          "the dataset returns promises, not examples",
          "iterate with for await",
        );
      }
      yield batch;
    }
  }

  private async *batchesToCome(plan: readonly number[][]) {
    for (const indices of plan) yield await this.load(indices);
  }

  /** The examples of each batch of an epoch. */
  private plan(): number[][] {
    const { batchSize, length, dataset } = this;
    const { shuffle, generator } = this.options;
    const order =
      shuffle === true
        ? randperm(dataset.length, { generator, dtype: "float64", device: "cpu" }).dataSync()
        : Float64Array.from({ length: dataset.length }, (_, i) => i);
    return Array.from({ length }, (_, k) => [...order.subarray(k * batchSize, (k + 1) * batchSize)]);
  }

  private load(indices: readonly number[]): Batch | Promise<Batch> {
    const { dataset, options } = this;
    if (dataset.batch !== undefined && options.collate === undefined) {
      return dataset.batch(indices) as Batch | Promise<Batch>;
    }
    const join = options.collate ?? (collate as unknown as (examples: Awaited<T>[]) => Batch);
    const examples = indices.map((index) => dataset.get(index));
    return examples.some(isPromise) ? Promise.all(examples).then(join) : join(examples as Awaited<T>[]);
  }
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";

function describe(dataset: unknown): string {
  if (typeof dataset !== "object" || dataset === null) return `${dataset}`;
  const { get, length } = dataset as Partial<Dataset<unknown>>;
  return `get of type ${typeof get} and length ${String(length)}`;
}
