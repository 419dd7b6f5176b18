import { type CountedState, changes, type RecordedUpdate } from "@thalweg/kernels";

/** What JavaScript does at every call of a recorded program, besides running kernels. */
export interface HostStep {
  /** Does it again. Returns false, with nothing changed, where the recorded program no longer fits. */
  run(): boolean;
  /** Takes the last {@link run} back. */
  undo(): void;
}

/** Computes numbers anew: undefined if none has changed, null if the recorded program no longer fits. */
export type Renewal = () => ArrayLike<number> | null | undefined;

/** Checks options again, and fits the groups that there are now. */
export function stepOf(
  groups: readonly { readonly params: readonly object[] }[],
  check: () => void,
): HostStep {
  const recorded = groups.map(({ params }) => [...params]);
  const isSame = (params: readonly object[], g: number) => {
    const now = groups[g]!.params;
    if (now.length !== params.length) return false;
    for (let i = 0; i < params.length; i++) if (params[i] !== now[i]) return false;
    return true;
  };
  return {
    run() {
      check();
      return groups.length === recorded.length && recorded.every(isSame);
    },
    undo() {},
  };
}

/** Counts a step again, where the state is still the same. */
export function countOf(
  states: ReadonlyMap<object, CountedState>,
  param: object,
  count: () => void,
): HostStep {
  const state = states.get(param)!;
  const tensors = Object.entries(state.tensors);
  let { step, numbers } = state;
  return {
    run() {
      if (states.get(param) !== state) return false;
      for (const [name, tensor] of tensors) if (state.tensors[name] !== tensor) return false;
      ({ step, numbers } = state);
      count();
      return true;
    },
    undo() {
      Object.assign(state, { step, numbers });
    },
  };
}

/** Reads the numbers of an update again. */
export function renewalOf({ key, slots, tensors, counted, read }: RecordedUpdate): Renewal {
  const wanted = slots.filter((slot) => slot >= tensors);
  const isCounted = wanted.some((slot) => slot >= counted);
  const inputs: unknown[] = new Array(tensors);
  const numbers = new Float64Array(wanted.length);
  let seen = -1;
  return () => {
    const isSame = changes.options === seen;
    // Without an edit of options only what is counted changes.
    if (isSame && !isCounted) return undefined;
    inputs.length = isSame ? counted : tensors;
    if (read(inputs, isSame) !== key && !isSame) return null;
    seen = changes.options;
    for (let i = 0; i < wanted.length; i++) numbers[i] = inputs[wanted[i]!] as number;
    return numbers;
  };
}
