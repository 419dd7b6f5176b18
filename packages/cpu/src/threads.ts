import { describe, ThalwegError } from "@thalweg/kernels";
import { accelerator, limitThreads } from "./accelerator";

/**
 * Sets how many threads large kernels may use, including the calling one. The default is the number of cores, up to
 * eight. Threads start with the first kernel that is large enough, and never keep a process alive. Results do not
 * depend on their number. There are never more threads than cores, because each takes some megabytes. Where memory
 * cannot be shared (a page that is not cross-origin isolated), there is only one.
 *
 * @returns the result of {@link getThreads} from now on: less than `count` if there cannot be as many, and 1 as long
 * as WebAssembly is not loaded (see {@link ready}).
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
      "use 1 for the calling thread alone",
    );
  }
  limitThreads(count);
  return getThreads();
}

/** How many threads large kernels may use, including the calling one. */
export function getThreads(): number {
  return accelerator()?.runtime.threads.count ?? 1;
}
