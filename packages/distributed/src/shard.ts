import { DataError, type DataLoaderState, type Dataset, type Sampler } from "@thalweg/data";
import { Generator, randperm } from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  count,
  kind,
  options as optionsOf,
  positive,
  required,
} from "@thalweg/tensor/internal";
import type { Communicator } from "./communicator";
import { communicator } from "./communicator-kind";

/** Options of {@link shard}. */
export interface ShardOptions {
  /** The processes that share the dataset. */
  readonly world: Communicator;
  /** Whether every epoch has a new random order, the same on all ranks; false unless given. */
  readonly shuffle?: boolean;
  /** What the orders are drawn from; 0 unless given. It must be the same on all ranks. */
  readonly seed?: number;
  /**
   * What happens where the ranks do not divide the examples. Ranks get equally many: `"pad"`, which it is unless given, repeats
   * the first examples of the order for those that are missing, and `"drop"` leaves the last ones out, as PyTorch's sampler
   * does. `"exact"` has each example once, and some ranks have one more: it needs the `batchSize`.
   */
  readonly remainder?: "pad" | "drop" | "exact";
  /** The loader's `batchSize`, to see that all ranks have as many batches; not looked at unless `remainder` is `"exact"`. */
  readonly batchSize?: number;
}

/** The examples of a rank, see {@link shard}. */
export interface Shard extends Sampler {
  stateDict(): ShardState;
  prepareLoad(state: ShardState): () => void;
}

/** The state of a {@link Shard}. */
export interface ShardState {
  /** The number of epochs that have begun. */
  readonly epoch: number;
  /** The number of ranks. */
  readonly ranks: number;
}

const remainders = kind('"pad", "drop" or "exact"', (value) =>
  ["pad", "drop", "exact"].includes(value as string),
);

const signature = {
  dataset: kind("a dataset or an array of examples", (value) =>
    Number.isSafeInteger((value as { length?: unknown } | null)?.length),
  ),
  options: optionsOf<ShardOptions>({
    world: required(communicator),
    shuffle: boolean,
    seed: count,
    remainder: remainders,
    batchSize: positive,
  }),
};

/**
 * The part of a dataset that this rank trains on, for the `sampler` of a `DataLoader`. All ranks have the same order of an
 * epoch, and rank r takes the examples r, r + size, r + 2 size and so on of it. So with batches of B rows the ranks together
 * have batches of B · size rows in that order. Each epoch that a loop begins has the next order; the loader's state, and so
 * a checkpoint, has its number.
 *
 * @param dataset examples, or an array of them
 * @throws DataError when `remainder` is `"exact"` and a rank would have a batch less than others.
 * @example
 * import { init, shard } from "@thalweg/distributed";
 *
 * const world = await init();
 * const loader = new DataLoader([10, 20, 30], { sampler: shard([10, 20, 30], { world }), batchSize: 2 });
 * [...loader].map((x) => x.toArray()); // → [[10,20],[30]]
 */
export function shard(dataset: Pick<Dataset<unknown>, "length">, options: ShardOptions): Shard {
  checkArguments("shard", signature, [dataset, options]);
  const { world, shuffle = false, seed = 0, remainder = "pad" } = options;
  const { rank, size } = world;
  const examples = dataset.length;
  if (remainder === "exact") checkExact(examples, size, options.batchSize);
  const rest = { pad: size - 1, drop: 0, exact: size - 1 - rank }[remainder];
  const length = Math.floor((examples + rest) / size);
  let epoch = 0;
  return {
    length,
    *indices() {
      const order = orderOf(examples, shuffle ? new Generator(seed + epoch) : null);
      epoch++;
      for (let i = 0; i < length; i++) yield order[(rank + i * size) % examples]!;
    },
    stateDict: () => ({ epoch, ranks: size }),
    prepareLoad(state: ShardState) {
      const { epoch: begun, ranks } = Object(state) as Partial<ShardState>;
      if (!Number.isSafeInteger(begun) || begun! < 0) {
        throw new DataError("prepareLoad", "it is not the state of a shard", "load one of shard(...)");
      }
      if (ranks !== size) {
        throw new DataError(
          "prepareLoad",
          `the state is of ${ranks} ranks, the world has ${size}`,
          "pass the loader's state through reshard",
        );
      }
      return () => {
        epoch = begun!;
      };
    },
  };
}

/** Whether all ranks have as many batches of an exact division. */
const isEven = (examples: number, size: number, batchSize: number) =>
  Math.ceil(Math.ceil(examples / size) / batchSize) === Math.ceil(Math.floor(examples / size) / batchSize);

function checkExact(examples: number, size: number, batchSize: number | undefined): void {
  if (batchSize === undefined) {
    throw new DataError("shard", 'there is no batchSize, which remainder "exact" needs', "pass the loader's");
  }
  if (isEven(examples, size, batchSize)) return;
  const most = Math.ceil(examples / size);
  const other = Array.from({ length: most }, (_, i) => batchSize + i + 1).find((b) =>
    isEven(examples, size, b),
  );
  throw new DataError(
    "shard",
    `${examples} examples in batches of ${batchSize} on ${size} ranks would give some ranks a batch more than others`,
    other === undefined ? 'pass remainder: "pad"' : `use batches of ${other}, or remainder: "pad"`,
  );
}

/**
 * The saved state of a loader with a {@link shard}, for a loader of a world of another size. The orders of epochs are the same. In
 * the middle of an epoch the run goes on with the examples that are left, if what was done is a whole number of the new batches:
 * it is where `batchSize` times the number of ranks stays the same. Then the ranks together see the batches that they would have
 * seen, and parameters are the same but for rounding, and for random numbers such as those of dropout.
 *
 * @param state what `stateDict()` of the loader of any rank returned
 * @param loader that of this rank
 * @throws DataError when a state has no shard, or the place in the epoch falls into a batch.
 * @example
 * import { init, reshard, shard } from "@thalweg/distributed";
 *
 * const world = await init();
 * const data = [10, 20, 30, 40];
 * const loader = new DataLoader(data, { sampler: shard(data, { world }), batchSize: 2 });
 * for (const _ of loader) break;
 * const resumed = new DataLoader(data, { sampler: shard(data, { world }), batchSize: 1 });
 * resumed.loadStateDict(reshard(loader.stateDict(), resumed));
 * [...resumed].map((x) => x.toArray()); // → [[30],[40]]
 */
export function reshard(
  state: DataLoaderState,
  loader: { readonly stateDict: () => DataLoaderState },
): DataLoaderState {
  checkArguments("reshard", resharding, [state, loader]);
  const own = loader.stateDict();
  const [before, now] = [state, own].map(({ sampler }) => Object(sampler) as Partial<ShardState>);
  if (before?.ranks === undefined || now?.ranks === undefined) {
    throw new DataError("reshard", "a loader has no shard", "make both with sampler: shard(...)");
  }
  const { batchSize, samples } = own;
  const moved = (sampler: unknown) => ({ ...(sampler as ShardState), ranks: now.ranks });
  const { epoch } = state;
  const done = (epoch?.batches ?? 0) * state.batchSize * before.ranks;
  const batches = done / (batchSize * now.ranks);
  if (!Number.isInteger(batches)) {
    throw new DataError(
      "reshard",
      `${done} examples of the epoch are done, and ${now.ranks} ranks do ${batchSize * now.ranks} at a time`,
      `choose a batchSize that, times ${now.ranks}, divides them`,
    );
  }
  return {
    ...state,
    batchSize,
    samples: samples ?? null,
    sampler: moved(state.sampler),
    epoch: epoch && { ...epoch, sampler: moved(epoch.sampler), batches },
  };
}

const resharding = {
  state: kind("the state of a DataLoader", (value) => typeof value === "object" && value !== null),
  loader: kind(
    "a DataLoader",
    (value) => typeof (value as { stateDict?: unknown } | null)?.stateDict === "function",
  ),
};

function orderOf(examples: number, generator: Generator | null): ArrayLike<number> {
  if (generator === null) return Array.from({ length: examples }, (_, i) => i);
  return randperm(examples, { generator, dtype: "int32", device: "cpu" }).dataSync();
}
