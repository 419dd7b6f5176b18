import type { GeneratorState } from "@thalweg/tensor";
import { DataError } from "./data-error";

/** How far an epoch has come. */
export interface EpochState {
  /** Where the generator was that the order was drawn from; null if the order is that of the dataset. */
  readonly order: GeneratorState | null;
  /** How many batches the loop was given. */
  readonly batches: number;
}

/** What a loader must be made with for its state to be of use to another one. */
interface Fixed {
  /** Length of the dataset. */
  readonly examples: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

/** What a {@link DataLoader} needs to go on where another one stopped. */
export interface DataLoaderState extends Fixed {
  readonly version: 1;
  /** The epoch that has begun and not ended; null between epochs. */
  readonly epoch: EpochState | null;
  /** The loader's own generator; null if it has none. */
  readonly generator: GeneratorState | null;
}

/** Throws an error that lists everything in which a saved state does not fit. */
export function checkState(
  { version, epoch, generator, ...saved }: DataLoaderState,
  own: Fixed,
  batches: number,
  hasGenerator: boolean,
): void {
  const problems: string[] = [];
  if (version !== 1) problems.push(`version ${version} is not 1`);
  for (const key of Object.keys(own) as (keyof Fixed)[]) {
    if (saved[key] !== own[key]) problems.push(`${key} is ${saved[key]}, not ${own[key]}`);
  }
  if (
    epoch !== null &&
    !(Number.isInteger(epoch?.batches) && epoch.batches >= 0 && epoch.batches <= batches)
  ) {
    problems.push(`the epoch has come to batch ${epoch?.batches} of ${batches}`);
  }
  if (epoch !== null && own.shuffle !== isState(epoch?.order))
    problems.push("the order of the epoch is missing");
  if (isState(generator) !== hasGenerator) {
    problems.push(hasGenerator ? "the state of the generator is missing" : "it has the state of a generator");
  }
  if (problems.length === 0) return;
  throw new DataError(
    "loadStateDict",
    `the saved state does not fit, ${problems.join(", ")}`,
    "make the loader as it was when it was saved",
  );
}

function isState(value: GeneratorState | null | undefined): boolean {
  return Number.isSafeInteger(value?.seed) && Number.isSafeInteger(value?.position);
}
