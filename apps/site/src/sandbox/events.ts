/** The four parts of a training step. */
export type Phase = "forward" | "loss" | "backward" | "update";

/** A tensor as a picture shows it. */
export interface Shown {
  readonly name: string;
  readonly shape: readonly number[];
  /** The elements of a small tensor. */
  readonly values: readonly number[] | null;
}

/** Something that a program did. */
export interface SandboxEvent {
  readonly line: number;
  /** Null where the line is no part of a training step. */
  readonly phase: Phase | null;
  /** What came out: predictions, the loss, gradients, parameters. */
  readonly shown: readonly Shown[];
}

/** What a program in the sandbox says to the page. */
export type SandboxMessage =
  | { readonly kind: "started" }
  | { readonly kind: "events"; readonly events: readonly SandboxEvent[]; readonly line: number }
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "failed"; readonly message: string; readonly line: number }
  /** It goes on, and has not lost its way. */
  | { readonly kind: "progress" }
  /** What came of the value that the program offers. */
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "done" };
