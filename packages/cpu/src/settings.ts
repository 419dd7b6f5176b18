import type { DeviceMemory } from "@thalweg/kernels";
import { describe, deviceMemory, ThalwegError } from "@thalweg/kernels";
import { accelerator, limitThreads } from "./accelerator";

/** Where the memory of tensors is. CPU tensors of less than 1024 elements are ordinary arrays and not counted. */
export interface MemoryStats {
  /** Bytes of tensors in the heap that kernels share, rounded up to blocks. */
  readonly heapBytes: number;
  /** Number of tensors there. */
  readonly heapTensors: number;
  /** Bytes that the heap has from the system; it grows and does not shrink. */
  readonly reservedBytes: number;
  /** How often a tensor was moved out of the full heap to an array of its own. */
  readonly writeBacks: number;
  /** How often such a tensor was needed again and moved back. */
  readonly returns: number;
  /** Bytes of tensors on devices with memory of their own, by device. */
  readonly devices: Readonly<Record<string, DeviceMemory>>;
}

/**
 * What the memory of tensors looks like. Nothing has to be given back by hand; a loop that shows many
 * `writeBacks` keeps large tensors alive, or makes them where the library cannot tell that they are dead.
 *
 * @example
 * memoryStats().heapBytes >= 0; // → true
 */
export function memoryStats(): MemoryStats {
  const runtime = accelerator()?.runtime;
  const devices = deviceMemory();
  if (runtime === undefined) {
    return { heapBytes: 0, heapTensors: 0, reservedBytes: 0, writeBacks: 0, returns: 0, devices };
  }
  const { heap, memory } = runtime;
  return {
    heapBytes: heap.bytes,
    heapTensors: heap.cells,
    reservedBytes: memory.memory.buffer.byteLength,
    ...heap.counts,
    devices,
  };
}

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
