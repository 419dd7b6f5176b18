import { GradientError } from "@thalweg/kernels";
import type { Op } from "./ops/op";
import type { Tensor } from "./tensor";

/** The record of how a tensor came to be; belongs to the engine that made it. */
export interface GraphNode {
  /** Name of the operation. */
  readonly name: string;
}

/** What differentiation adds to tensors; `@thalweg/autograd` installs the one there is. */
export interface Engine {
  backward(root: Tensor, seed: Tensor | undefined, options: BackwardOptions): void;
  retainGrad(tensor: Tensor): void;
  registerHook(tensor: Tensor, hook: GradientHook): () => void;
  registerPostAccumulateGradHook(tensor: Tensor, hook: PostAccumulateGradHook): () => void;
  /** Brings the history of a view up to date after its base was written to. */
  refresh(tensor: Tensor): void;
  /** Runs a write and notes it in the history; throws before writing where that may not be. */
  inPlace(target: Tensor, call: InPlaceCall): void;
}

/** `target` becomes `op(inputs)` when `write` is called. */
export interface InPlaceCall {
  /** As the user called it: `add_`. */
  readonly name: string;
  readonly op: Op<void>;
  readonly inputs: readonly (Tensor | number)[];
  readonly write: () => void;
}

/** Options of {@link Tensor.backward}. */
export interface BackwardOptions {
  /** Keep what the graph saved, so that it can be walked again; the value of `createGraph` unless given. */
  retainGraph?: boolean;
  /** Record the walk itself, for gradients of gradients; false unless given. */
  createGraph?: boolean;
}

/** Sees a gradient as it passes; returns another to put in its place, or nothing. */
export type GradientHook = (grad: Tensor) => Tensor | undefined | void;

/** Is called with a leaf whose gradient was added to its `grad`; what it returns is ignored. */
export type PostAccumulateGradHook = (param: Tensor) => void;

let installed: Engine | null = null;

/** Puts an engine in charge of differentiation. */
export function installEngine(engine: Engine): void {
  installed = engine;
}

/** The installed engine, or null. */
export function currentEngine(): Engine | null {
  return installed;
}

/** The installed engine; throws when there is none. */
export function requireEngine(op: string): Engine {
  if (installed === null) {
    throw new GradientError(
      op,
      "no differentiation engine is installed",
      'import "@thalweg/autograd" (or anything of it) once in your program',
    );
  }
  return installed;
}
