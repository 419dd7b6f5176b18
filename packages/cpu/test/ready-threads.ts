import { control, state, threadNumbers } from "../src/wasm/runtime/addresses";
import type { Runtime } from "../src/wasm/runtime/runtime";

/** How many threads besides the calling one are ready to work. */
export function readyThreads({ words }: Runtime): number {
  const states = words.subarray(control.states, control.states + threadNumbers);
  return states.filter((does) => does > state.starting).length;
}
