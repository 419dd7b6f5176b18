import { arange, defaultGenerator, Generator as RandomGenerator, randperm } from "@thalweg/tensor";
import {
  arrival,
  boolean,
  callback,
  checkArguments,
  type Kind,
  kind,
  named,
  options as optionsOf,
} from "@thalweg/tensor/internal";
import { type Collated, collate } from "./collate";
import { DataError } from "./data-error";
import { checkState, type DataLoaderState, type EpochState } from "./data-loader-state";
import { type Dataset, datasetOf, examples, isCount, isPromise } from "./dataset";
import { prepareState } from "./prepare-state";
import { chosen, type Sampler, sampler } from "./sampler";

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<T, Batch> {
  /** Examples in a batch; 1 unless given. */
  readonly batchSize?: number;
  /** Whether every epoch goes through the examples in a new random order; false unless given. */
  readonly shuffle?: boolean;
  /**
   * Chooses the examples of each epoch, in place of `shuffle`: a {@link WeightedRandomSampler}, or one of your own.
   * All examples, once each, unless given.
   */
  readonly sampler?: Sampler;
  /** The source of random orders; the generator that `manualSeed` seeds unless given. */
  readonly generator?: RandomGenerator;
  /** Whether to leave out a last batch that is not full; false unless given. */
  readonly dropLast?: boolean;
  /** Makes a batch of examples; {@link collate} unless given. */
  readonly collate?: (examples: Awaited<T>[]) => Batch;
  /**
   * Number of batches that `for await` loads ahead while the loop is busy with an earlier one; 0 unless given. It
   * helps if the dataset returns promises.
   */
  readonly prefetch?: number;
}

/** A count, whose error names usual values. */
const countFrom = (name: string, least: number, remedy: string): Kind => {
  const must = `a whole number from ${least} on`;
  return {
    ...kind(must, (value) => isCount(value) && value >= least),
    explain: (op, value) =>
      typeof value === "number"
        ? new DataError(op, `${name} must be ${must}, got ${value}`, remedy)
        : undefined,
  };
};

const signature = {
  dataset: examples,
  options: optionsOf<DataLoaderOptions<unknown, unknown>>({
    batchSize: countFrom("batchSize", 1, "pass dataset.length for a single batch"),
    shuffle: boolean,
    sampler,
    generator: kind("a Generator", (value) => value instanceof RandomGenerator),
    dropLast: boolean,
    collate: callback,
    prefetch: countFrom("prefetch", 0, "2 is a good start"),
  }),
};

/** An epoch in progress, and the examples of each of its batches. */
interface Epoch {
  readonly state: { -readonly [Key in keyof EpochState]: EpochState[Key] };
  readonly plan: readonly number[][];
}

/**
 * Iterates over a dataset in batches. One iteration is one epoch: with `for`, or with `for await`,
 * which also accepts datasets that return promises.
 *
 * The order is drawn from the generator when an iteration starts, so that one seed gives the same orders,
 * epoch after epoch, on every machine. `stateDict()` holds the position of the loop, within an epoch too; a
 * loader that loads this state goes on with the next batch.
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

  /**
   * @param dataset examples, or an array of them
   * @throws DataError when a number is out of range, or the dataset or the sampler is invalid.
   * @throws ArgumentError when an option does not exist or is of the wrong type.
   */
  constructor(dataset: Dataset<T> | readonly T[], options: DataLoaderOptions<T, Batch> = {}) {
    checkArguments("DataLoader", signature, [dataset, options]);
    const { batchSize = 1, shuffle = false } = options;
    if (shuffle && options.sampler !== undefined) {
      throw new DataError("DataLoader", "there are both shuffle and a sampler", "leave one of them out");
    }
    this.dataset = datasetOf(dataset);
    this.batchSize = batchSize;
    this.options = options;
  }

  /** Number of batches in an epoch. */
  get length(): number {
    const { sampler } = this.options;
    const batches = (sampler ?? this.dataset).length / this.batchSize;
    return this.options.dropLast === true ? Math.floor(batches) : Math.ceil(batches);
  }

  /** @throws DataError when the dataset returns promises. */
  [Symbol.iterator](): IterableIterator<Batch> {
    return this.batches(this.begin());
  }

  /** One epoch, for `for await`: it waits for promises, and loads ahead as `prefetch` says. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    return this.batchesToCome(this.begin());
  }

  /**
   * The position of the loop that started last: a loader that loads it goes on with the next batch, and with the same
   * orders of later epochs. The default generator is not part of it, only one that the loader was given.
   *
   * @example
   * const make = () => new DataLoader(new TensorDataset(arange(6)), { batchSize: 2, shuffle: true, generator: new Generator(1) });
   * const [loader, resumed] = [make(), make()];
   * for (const _ of loader) break;
   * resumed.loadStateDict(loader.stateDict());
   * [...resumed].length; // → 2
   */
  stateDict(): DataLoaderState {
    const { current } = this;
    return {
      version: 1,
      ...this.fixed(),
      epoch: current && { ...current },
      generator: this.options.generator?.getState() ?? null,
      sampler: this.samplerState(),
    };
  }

  /**
   * Loads a saved state: the next loop has the remaining batches of the epoch.
   *
   * @throws DataError that lists everything that does not fit, with nothing changed.
   */
  loadStateDict(state: DataLoaderState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: DataLoaderState): () => void {
    const { generator: own, sampler } = this.options;
    const { epoch, generator, loadSampler } = checkState(
      state,
      this.fixed(),
      this.length,
      own !== undefined,
      sampler,
    );
    return () => {
      loadSampler();
      if (generator !== null) own?.setState(generator);
      this.resumed = this.current = epoch && { ...epoch };
    };
  }

  private readonly options: DataLoaderOptions<T, Batch>;
  /** The epoch that started last, until it has ended. */
  private current: EpochState | null = null;
  /** An epoch that was loaded, to be resumed. */
  private resumed: EpochState | null = null;

  /** The options that a saved state must agree with. */
  private fixed() {
    const { shuffle = false, dropLast = false, sampler } = this.options;
    const { dataset, batchSize } = this;
    return { examples: dataset.length, batchSize, shuffle, dropLast, samples: sampler?.length ?? null };
  }

  private samplerState(): unknown {
    return this.options.sampler?.stateDict?.();
  }

  private *batches(epoch: Epoch) {
    const { state, plan } = epoch;
    while (state.batches < plan.length) {
      const batch = this.load(plan[state.batches]!);
      if (isPromise(batch)) {
        batch.then(undefined, () => {}); // Its result is never used.
        throw new DataError(
          "DataLoader",
          "the dataset returns promises, not examples",
          "iterate with for await",
        );
      }
      state.batches++;
      yield batch;
    }
    this.end(epoch);
  }

  private async *batchesToCome(epoch: Epoch) {
    const { state, plan } = epoch;
    const { prefetch = 0 } = this.options;
    const coming: Promise<Batch>[] = [];
    while (state.batches < plan.length) {
      while (coming.length <= prefetch && state.batches + coming.length < plan.length) {
        const batch = this.promise(plan[state.batches + coming.length]!);
        batch.catch(() => {}); // Thrown when its turn comes, if the loop gets there.
        coming.push(batch);
      }
      const batch = await coming.shift()!;
      await arrival();
      state.batches++;
      yield batch;
    }
    this.end(epoch);
  }

  /** Starts an epoch, or resumes the one that was loaded. */
  private begin(): Epoch {
    const { batchSize, length, resumed } = this;
    const { shuffle = false, generator = defaultGenerator, sampler } = this.options;
    const isOrdered = shuffle || sampler !== undefined;
    const state = resumed ?? {
      order: isOrdered ? generator.getState() : null,
      sampler: this.samplerState(),
      batches: 0,
    };
    const order = this.order(resumed, generator);
    [this.current, this.resumed] = [state, null];
    const plan = Array.from({ length }, (_, k) => [...order.subarray(k * batchSize, (k + 1) * batchSize)]);
    return { state, plan };
  }

  /** The order of an epoch's examples; a resumed epoch keeps the one that it started with. */
  private order(resumed: EpochState | null, own: RandomGenerator): Float64Array {
    const { dataset, options } = this;
    const { shuffle = false, sampler } = options;
    const generator = resumed?.order ? new RandomGenerator().setState(resumed.order) : own;
    if (sampler !== undefined) {
      const now = this.samplerState();
      if (resumed !== null) prepareState(sampler, resumed.sampler)();
      const indices = chosen(sampler.indices(generator), sampler.length, dataset.length);
      if (resumed !== null) prepareState(sampler, now)();
      return indices;
    }
    const { length } = dataset;
    return named("DataLoader", () => {
      if (!shuffle) return arange(length, { dtype: "float64", device: "cpu" }).dataSync() as Float64Array;
      return Float64Array.from(randperm(length, { generator, dtype: "float64", device: "cpu" }).dataSync());
    });
  }

  private end({ state }: Epoch): void {
    if (this.current === state) this.current = null;
  }

  private async promise(indices: readonly number[]): Promise<Batch> {
    return this.load(indices);
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
