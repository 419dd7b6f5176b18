import { Generator, type GeneratorState } from "@thalweg/tensor";
import { describe } from "@thalweg/tensor/internal";
import { DataError } from "./data-error";
import { prepareState } from "./prepare-state";
import type { Sampler } from "./sampler";

/** The progress of an epoch. */
export interface EpochState {
  /** The generator's state before the order was drawn; null if the order is that of the dataset. */
  readonly order: GeneratorState | null;
  /** The sampler's state before that; left out if it has none of its own. */
  readonly sampler?: unknown;
  /** Number of batches that the loop was given. */
  readonly batches: number;
}

/** The state from which another {@link DataLoader} can go on. */
export interface DataLoaderState {
  readonly version: 1;
  /** Length of the dataset. */
  readonly examples: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Number of examples that the sampler chooses; null without one. */
  readonly samples?: number | null;
  /** The epoch that has begun and not ended; null between epochs. */
  readonly epoch: EpochState | null;
  /** The loader's own generator; null if it has none. */
  readonly generator: GeneratorState | null;
  /** The sampler's own state; left out if it has none. */
  readonly sampler?: unknown;
}

/** The options in which a loader must agree with a saved state. */
type Fixed = Pick<DataLoaderState, "examples" | "batchSize" | "shuffle" | "dropLast" | "samples">;

/** The part of a saved state that moves a loader to its position. */
export interface LoaderProgress extends Pick<DataLoaderState, "epoch" | "generator"> {
  /** Moves the sampler there; it cannot fail. */
  readonly loadSampler: () => unknown;
}

/** Checks a saved state; throws an error that lists everything that does not fit. */
export function checkState(
  state: DataLoaderState,
  own: Fixed,
  batches: number,
  hasGenerator: boolean,
  sampler: Sampler | undefined,
): LoaderProgress {
  const { version, epoch, generator, sampler: samplerState, ...saved } = fieldsOf(state);
  const problems: string[] = [];
  if (version !== 1) problems.push(`version ${describe(version)} is not 1`);
  for (const [key, value] of Object.entries(own)) {
    if ((saved[key] ?? null) !== value) problems.push(`${key} is ${describe(saved[key])}, not ${value}`);
  }
  const { order, batches: done, sampler: before } = fieldsOf(epoch);
  const isOrdered = own.shuffle || sampler !== undefined;
  const isCount = Number.isSafeInteger(done) && (done as number) >= 0 && (done as number) <= batches;
  if (epoch !== null && !isCount) {
    problems.push(`the epoch is at batch ${describe(done)} of ${batches}`);
  }
  if (epoch !== null && !isGenerator(order, isOrdered)) {
    problems.push(isOrdered ? "the order of the epoch is missing" : "the epoch has an order");
  }
  if (!isGenerator(generator, hasGenerator)) {
    problems.push(hasGenerator ? "the state of the generator is missing" : "it has the state of a generator");
  }
  let loadSampler: () => unknown = () => {};
  try {
    if (epoch !== null) prepareState(sampler, before);
    loadSampler = prepareState(sampler, samplerState);
  } catch (error) {
    problems.push(`sampler: ${error instanceof Error ? error.message : describe(error)}`);
  }
  if (problems.length > 0) {
    throw new DataError(
      "loadStateDict",
      `the saved state does not fit, ${problems.join(", ")}`,
      "make the loader as it was when it was saved",
    );
  }
  return {
    epoch: epoch === null ? null : { order: placeOf(order), sampler: before, batches: done as number },
    generator: placeOf(generator),
    loadSampler,
  };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" ? { ...value } : {};

/** Whether a value is the state of a generator if one is expected, or nothing otherwise. */
function isGenerator(value: unknown, expected: boolean): boolean {
  if (!expected) return value === null;
  try {
    new Generator().prepareLoad(value as GeneratorState);
    return true;
  } catch {
    return false;
  }
}

function placeOf(value: unknown): GeneratorState | null {
  if (value === null) return null;
  const { seed, position } = value as GeneratorState;
  return { seed, position };
}
