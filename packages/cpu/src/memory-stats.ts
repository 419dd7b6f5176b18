import type { DeviceMemory } from "@thalweg/kernels";
import { deviceMemory } from "@thalweg/kernels";
import { accelerator } from "./accelerator";

/** The memory that tensors take. CPU tensors of fewer than 1024 elements are ordinary arrays, which are not counted. */
export interface MemoryStats {
  /** Bytes of tensors in the heap that kernels share, rounded up to blocks. */
  readonly heapBytes: number;
  /** Number of tensors in the heap. */
  readonly heapTensors: number;
  /** Bytes that the heap has reserved from the system. It grows and never shrinks. */
  readonly reservedBytes: number;
  /** How often a tensor was moved out of the full heap to an array of its own. */
  readonly writeBacks: number;
  /** How often such a tensor was needed again and moved back. */
  readonly returns: number;
  /** Bytes of tensors on devices with memory of their own, by device. */
  readonly devices: Readonly<Record<string, DeviceMemory>>;
}

/**
 * Statistics of the memory of tensors. Nothing has to be freed by hand. A loop that causes many `writeBacks` keeps
 * large tensors alive, or makes them where the library cannot tell that they are dead.
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
