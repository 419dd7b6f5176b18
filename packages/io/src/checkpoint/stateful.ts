import { Generator } from "@thalweg/tensor";

/**
 * What has a state that can be saved and restored: modules, optimizers, schedulers, data loaders, and what a program
 * makes of this kind itself.
 */
export interface Stateful {
  /** With `copy: false`, tensors may be those that the object works with: they are read before it works again. */
  stateDict(options?: { readonly copy?: boolean }): unknown;
  /** Throws, and changes nothing, if the state does not fit. */
  loadStateDict(state: never): unknown;
  /**
   * Checks a state, throws if it does not fit, and changes nothing. What it returns puts the state in force and must
   * not throw. Everything in the library has this method, and then a checkpoint is loaded into all parts or none.
   */
  prepareLoad?(state: never): () => unknown;
}

/** Whether something has a state. */
export function isStateful(value: unknown): value is Stateful {
  const { stateDict, loadStateDict } = (value ?? {}) as Partial<Stateful>;
  return typeof stateDict === "function" && typeof loadStateDict === "function";
}

/** The state of something that has one; otherwise the value itself. */
export function stateOf(value: unknown): unknown {
  if (value instanceof Generator) return value.getState();
  return isStateful(value) ? value.stateDict({ copy: false }) : value;
}

/**
 * Whether something can check a state before it loads it: not if a class overrides `loadStateDict` of one from which it
 * has `prepareLoad`, since that would load in another way.
 */
export function isPrepared(value: unknown): value is Required<Pick<Stateful, "prepareLoad">> {
  for (let at = Object(value); at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "prepareLoad")) return typeof at.prepareLoad === "function";
    if (Object.hasOwn(at, "loadStateDict")) return false;
  }
  return false;
}
