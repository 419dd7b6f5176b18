import type { Generator, GeneratorState } from "./random";

/**
 * The state of a computation that runs twice, as in `checkpoint`.
 */
export interface Replay {
  /** Whether this is the second run, which must not update counts and running averages again. */
  running: boolean;
  /** States of generators before their first use; null while nobody needs them. */
  generators: Map<Generator, GeneratorState> | null;
}

export const replay: Replay = { running: false, generators: null };
