import { describe, ThalwegError } from "@thalweg/kernels";
import { accelerator, limitThreads } from "./accelerator";

/**
 * How many threads large kernels may use, the calling one included: by default as many as there are cores,
 * up to eight. They are started when the first kernel is worth it and never keep a process alive. Results do
 * not depend on their number. Where memory cannot be shared (a page that is not cross-origin isolated) there
 * is one, whatever is set; and never are there more than cores, since each takes some megabytes.
 *
 * @returns what {@link getThreads} says from now on: fewer than `count` if that is more than there can be, and 1
 * as long as WebAssembly is not there yet (see {@link ready}).
 * @throws ThalwegError unless `count` is a whole number from 1 on.
 * @example
 * setThreads(1); // → 1
 * setThreads(10_000) < 10_000; // → true
 */
export function setThreads(count: number): number {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ThalwegError(
      "setThreads",
      `the number of threads must be whole and at least 1, got ${describe(count)}`,
      "use 1 for none but this",
    );
  }
  limitThreads(count);
  return getThreads();
}

/** How many threads large kernels may use, the calling one included. */
export function getThreads(): number {
  return accelerator()?.runtime.threads.count ?? 1;
}
