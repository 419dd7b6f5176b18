import { Generator } from "@thalweg/tensor";

/** What has a state that can be saved and restored: modules, optimizers, schedulers, data loaders. */
export interface Stateful {
  stateDict(): unknown;
  /** Throws, and changes nothing, if the state does not fit. */
  loadStateDict(state: never): unknown;
}

function isStateful(value: unknown): value is Stateful {
  const { stateDict, loadStateDict } = (value ?? {}) as Partial<Stateful>;
  return typeof stateDict === "function" && typeof loadStateDict === "function";
}

/** The state of something that has one; otherwise the value itself. */
export function stateOf(value: unknown): unknown {
  if (value instanceof Generator) return value.getState();
  return isStateful(value) ? value.stateDict() : value;
}

/** Gives something the state that was saved of it. */
export function restore(value: Stateful | Generator, state: unknown): void {
  if (value instanceof Generator) value.setState(state as ReturnType<Generator["getState"]>);
  else value.loadStateDict(state as never);
}
