import { GradientError } from "@thalweg/kernels";
import type { Op } from "./ops/op";
import type { Tensor } from "./tensor";

/** The history of a computed tensor. Only the engine that made it knows more of it. */
export interface GraphNode {
  /** Name of the operation. */
  readonly name: string;
}

/** The methods of tensors that need differentiation. `@thalweg/autograd` installs its engine. */
export interface Engine {
  backward(root: Tensor, seed: Tensor | undefined, options: BackwardOptions): void;
  retainGrad(tensor: Tensor): void;
  registerHook(tensor: Tensor, hook: GradientHook): () => void;
  registerPostAccumulateGradHook(tensor: Tensor, hook: PostAccumulateGradHook): () => void;
  /** Updates the history of a view after a write to its base. */
  refresh(tensor: Tensor): void;
  /** Runs a write and records it. Throws before writing if it is not allowed. */
  inPlace(target: Tensor, call: InPlaceCall): void;
}

/** An in-place operation: `write` overwrites `target` with `op(inputs)`. */
export interface InPlaceCall {
  /** Name of the called function, such as `add_`. */
  readonly name: string;
  readonly op: Op<void>;
  readonly inputs: readonly (Tensor | number)[];
  readonly write: () => void;
}

/** Options of {@link Tensor.backward}. */
export interface BackwardOptions {
  /** Keep the saved tensors, so that the graph can be walked again; the value of `createGraph` unless given. */
  retainGraph?: boolean;
  /** Record the computation of the gradients, for gradients of gradients; false unless given. */
  createGraph?: boolean;
}

/** Called with a gradient. If it returns a tensor, that takes the place of the gradient. */
export type GradientHook = (grad: Tensor) => Tensor | undefined | void;

/** Called with a leaf after its gradient was added to `grad`. The result is ignored. */
export type PostAccumulateGradHook = (param: Tensor) => void;

let installed: Engine | null = null;

/** Installs the engine for differentiation. */
export function installEngine(engine: Engine): void {
  installed = engine;
}

/** The installed engine, or null. */
export function currentEngine(): Engine | null {
  return installed;
}

/** Returns the installed engine. Throws if none is installed. */
export function requireEngine(op: string): Engine {
  if (installed === null) {
    throw new GradientError(
      op,
      "no differentiation engine is installed",
      'import "@thalweg/autograd" (or anything from it) once in your program',
    );
  }
  return installed;
}
