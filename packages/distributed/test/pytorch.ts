import { readFileSync } from "node:fs";

/** A tensor of PyTorch's. */
export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Training by `DistributedDataParallel`, as `tooling/oracle/cases/distributed.py` writes it. */
export interface Case {
  readonly name: string;
  /** The name of each layer, and its arguments. */
  readonly layers: readonly (readonly [string, ...unknown[]])[];
  readonly optimizer: "SGD" | "Adam";
  readonly options: { readonly lr: number; readonly momentum?: number };
  /** Whether one process had the rows of all ranks, and so the statistics of all. */
  readonly alone: boolean;
  /** Whether the gradients of every second step are added to those of the next. */
  readonly accumulates: boolean;
  /** The ranks that use a parameter which others do not. */
  readonly extra: readonly number[];
  /** The state before the first step. */
  readonly start: Readonly<Record<string, Stored>>;
  /** The parameters after the last one. */
  readonly parameters: Readonly<Record<string, Stored>>;
  /** The buffers after the last one, of each rank. */
  readonly buffers: readonly Readonly<Record<string, Stored>>[];
}

/** The cases, with the data of all of them by step, rank and row. */
export interface Fixture {
  readonly ranks: number;
  readonly steps: number;
  /** The rows of a rank in a step. */
  readonly rows: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly cases: readonly Case[];
}

/** What `DistributedSampler` gives to the ranks. */
export interface Samplers {
  readonly cases: readonly {
    readonly length: number;
    readonly ranks: number;
    readonly dropLast: boolean;
    readonly indices: readonly (readonly number[])[];
  }[];
}

const folder = new URL("../../../tooling/oracle/fixtures/", import.meta.url);

export const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
