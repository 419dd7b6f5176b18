import { control, state, threadNumbers } from "../src/wasm/runtime/addresses";
import type { Runtime } from "../src/wasm/runtime/runtime";

/** How many threads besides the calling one are ready to work; words that are no states are the guards of a test. */
export function readyThreads({ words }: Runtime): number {
  const states = words.subarray(control.states, control.states + threadNumbers);
  return states.filter((does) => does > state.starting && does <= state.working).length;
}
