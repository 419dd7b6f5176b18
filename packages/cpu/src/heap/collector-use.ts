import { ArgumentError, describe } from "@thalweg/kernels";

/** Whether the library may ask the engine's garbage collector in the middle of a job. */
export type CollectorUse = "auto" | "never";

let use: CollectorUse = "auto";

/**
 * Sets whether the library may ask the garbage collector which tensors are dead. It does so only in Node. An engine
 * reports no dead tensors while a job runs, so the library asks when a job makes large tensors beyond the budget of their
 * heap, 256 MiB at first. To reach the collector, it turns the V8 flag `--expose-gc` on while it makes one context of
 * `node:vm`, and then off again. It changes no flag before that moment, and none where the process has `gc`. With
 * `"never"` it leaves flags alone and does not ask: dead tensors are freed when the engine finds them, between jobs.
 * Until then, cold tensors are written back to ordinary arrays. Results are the same.
 *
 * @param to `"auto"`, the default, or `"never"`. Set it before large tensors are made: a flag that was on is not undone.
 * @returns the previous setting.
 * @throws ArgumentError if `to` is neither.
 * @example
 * setCollector("never"); // → "auto"
 * setCollector("auto"); // → "never"
 */
export function setCollector(to: CollectorUse): CollectorUse {
  if (to !== "auto" && to !== "never") {
    throw new ArgumentError(
      "setCollector",
      `the use of the collector must be "auto" or "never", got ${describe(to)}`,
      'use "never" to leave the flags of the process alone',
    );
  }
  const before = use;
  use = to;
  return before;
}

/** Whether a heap may ask the collector now. */
export function mayCollect(): boolean {
  return use === "auto";
}
