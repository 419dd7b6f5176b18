import type { Input, Problem } from "./contestant";
import type { Id } from "./roster";

/** What was told to a GPU. */
export interface Commands {
  readonly dispatches: number;
  readonly submits: number;
}

/** A contestant where it performs. */
export interface Remote {
  readonly id: Id;
  readonly name: string;
  readonly version: string;
  /** False where the contestant cannot do it. */
  prepare(problem: Problem, inputs: readonly Input[]): Promise<boolean>;
  /** Nanoseconds that `count` runs took. */
  run(count: number): Promise<number>;
  result(): Promise<Float32Array>;
  /** What it has told a GPU so far. */
  commands?(): Promise<Commands>;
  stop(): void;
}
