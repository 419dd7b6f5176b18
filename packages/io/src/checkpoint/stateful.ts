import { Generator } from "@thalweg/tensor";

/**
 * An object whose state can be saved and restored: modules, optimizers, schedulers, data loaders, and a program's own
 * objects of this kind.
 */
export interface Stateful {
  /** With `copy: false`, tensors may be the object's own: they are read before it changes them. */
  stateDict(options?: { readonly copy?: boolean }): unknown;
  /** Throws, and changes nothing, if the state does not fit. */
  loadStateDict(state: never): unknown;
  /**
   * Checks a state, throws if it does not fit, and changes nothing. It returns a function that loads the state and must
   * not throw. Everything in the library has this method, so that a checkpoint is loaded into all parts or none.
   */
  prepareLoad?(state: never): () => unknown;
}

/** Whether a value has a state. */
export function isStateful(value: unknown): value is Stateful {
  const { stateDict, loadStateDict } = (value ?? {}) as Partial<Stateful>;
  return typeof stateDict === "function" && typeof loadStateDict === "function";
}

/** The state of a value that has one; otherwise the value itself. */
export function stateOf(value: unknown): unknown {
  if (value instanceof Generator) return value.getState();
  return isStateful(value) ? value.stateDict({ copy: false }) : value;
}

/**
 * Whether a value can check a state before it loads it: not if its class overrides `loadStateDict` of a base class that
 * `prepareLoad` comes from, since that would load in another way.
 */
export function isPrepared(value: unknown): value is Required<Pick<Stateful, "prepareLoad">> {
  for (let at = Object(value); at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "prepareLoad")) return typeof at.prepareLoad === "function";
    if (Object.hasOwn(at, "loadStateDict")) return false;
  }
  return false;
}
