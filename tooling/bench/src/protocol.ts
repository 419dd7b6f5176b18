import type { Problem } from "./contestant";

/**
 * What is said between the bench and a contestant's process: one line of JSON each, question and answer.
 * Arrays travel as files of float32.
 */
export type Request =
  | {
      readonly do: "prepare";
      readonly problem: Problem;
      readonly inputs: readonly { readonly shape: readonly number[]; readonly file: string }[];
    }
  | { readonly do: "run"; readonly count: number }
  | { readonly do: "result"; readonly file: string };

export type Answer =
  | { readonly done: true }
  | { readonly nanoseconds: number }
  /** The contestant cannot do this one. */
  | { readonly lacking: true }
  | { readonly error: string };

/** Said once, when the contestant is ready. */
export interface Greeting {
  readonly name: string;
  readonly version: string;
}
