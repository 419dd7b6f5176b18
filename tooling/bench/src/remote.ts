import type { Input, Problem } from "./contestant";
import type { Id } from "./roster";

/** Work that was submitted to a GPU. */
export interface Commands {
  readonly dispatches: number;
  readonly submits: number;
}

/** A contestant in its process or page. */
export interface Remote {
  readonly id: Id;
  readonly name: string;
  readonly version: string;
  /** False if the contestant does not support it. */
  prepare(problem: Problem, inputs: readonly Input[]): Promise<boolean>;
  /** Nanoseconds that `count` runs took. */
  run(count: number): Promise<number>;
  result(): Promise<Float32Array>;
  /** Work that it has submitted to a GPU so far. */
  commands?(): Promise<Commands>;
  stop(): void;
}
