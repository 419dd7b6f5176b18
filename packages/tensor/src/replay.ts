import type { Generator, GeneratorState } from "./random";

/**
 * What it takes to run a computation twice, as `checkpoint` does.
 */
export interface Replay {
  /** Whether this is the second time: what is counted or averaged has been, and must not be again. */
  running: boolean;
  /** Where generators were before they were used, if somebody wants to know. */
  generators: Map<Generator, GeneratorState> | null;
}

export const replay: Replay = { running: false, generators: null };
