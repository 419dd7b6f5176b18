import type { Problem } from "./contestant";

/**
 * Messages between the bench and a contestant's process: questions and answers are one line of JSON each.
 * Arrays are passed as files of float32.
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
  /** The contestant does not support this case. */
  | { readonly lacking: true }
  | { readonly error: string };

/** Sent once, when the contestant is ready. */
export interface Greeting {
  readonly name: string;
  readonly version: string;
}
