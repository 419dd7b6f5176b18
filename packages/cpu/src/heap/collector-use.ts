import { ArgumentError, describe } from "@thalweg/kernels";

/** Whether the library may ask the engine's garbage collector in the middle of a job. */
export type CollectorUse = "auto" | "never";

let use: CollectorUse = "auto";

/**
 * Changes whether the library may ask the garbage collector what is dead, which it does in Node alone. When the heap of
 * large tensors has reached its budget, 256 MiB at first, and a job makes more of them without giving control back, the
 * engine reports no dead tensor by itself. To reach the collector the library turns the V8 flag `--expose-gc` on while it
 * makes one context of `node:vm`, and off again; it touches no flag where the process has `gc` anyway, and none before the
 * first such moment. With `"never"` it leaves flags alone and does not ask: dead tensors go when the engine finds
 * them, between jobs, and until then cold ones are written back to ordinary arrays. Results are the same.
 *
 * @param to `"auto"`, the default, or `"never"`. Set it before large tensors are made: a flag that was on is not undone.
 * @returns what held before.
 * @throws ArgumentError if it is neither.
 * @example
 * setCollector("never"); // → "auto"
 * setCollector("auto"); // → "never"
 */
export function setCollector(to: CollectorUse): CollectorUse {
  if (to !== "auto" && to !== "never") {
    throw new ArgumentError(
      "setCollector",
      `the use of the collector must be "auto" or "never", got ${describe(to)}`,
      'use "never" for a process whose flags are to stay as they are',
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
