import type { Operand, View } from "@thalweg/kernels";
import { type CpuStorage, minHeapSize } from "../../storage";
import { stageAddress, stageEnd } from "./addresses";
import type { HeapArray } from "./linear-memory";
import type { MemoryView, Runtime } from "./runtime";

/**
 * Brings the operands of one kernel to linear memory. Cells of the heap stay where they are. Small arrays are
 * copied to the stage, and back if the kernel writes to them.
 */
export class Residency {
  private readonly runtime: Runtime;
  private readonly staged: CpuStorage[] = [];
  private readonly addresses: number[] = [];
  private top = stageAddress;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** Forgets the operands of the previous kernel. */
  begin(): void {
    this.runtime.heap.begin();
    this.staged.length = 0;
    this.addresses.length = 0;
    this.top = stageAddress;
  }

  /** The place of the elements of a view; null when there is no room for them. */
  of(view: View): MemoryView | null {
    const storage = view.storage as CpuStorage;
    const { heap } = this.runtime;
    const address = storage.size < minHeapSize ? this.stage(storage) : heap.use(storage.adopt(heap), storage);
    return address < 0 ? null : { address, layout: view.layout, isInt: storage.dtype !== "float32" };
  }

  /** Views in linear memory, numbers as they are; null when there is no room. */
  all<V extends Operand>(views: readonly V[]): (V extends View ? MemoryView : MemoryView | number)[] | null {
    const places: (MemoryView | number)[] = [];
    for (const view of views) {
      const place = typeof view === "number" ? view : this.of(view);
      if (place === null) return null;
      places.push(place);
    }
    return places as (V extends View ? MemoryView : MemoryView | number)[];
  }

  /** Copies back what the kernel wrote to the stage. */
  finish(outputs: readonly View[]): void {
    for (const view of outputs) {
      const storage = view.storage as CpuStorage;
      if (storage.size >= minHeapSize) continue;
      const start = this.addresses[this.staged.indexOf(storage)]! / 4;
      const { words, floats } = this.runtime;
      const from = storage.array instanceof Int32Array ? words : floats;
      storage.array.set(from.subarray(start, start + storage.size));
    }
  }

  private stage(storage: CpuStorage): number {
    const known = this.staged.indexOf(storage);
    if (known >= 0) return this.addresses[known]!;
    const address = this.top;
    const end = address + 4 * storage.size;
    if (end > stageEnd) return -1;
    // Kernels may read a little beyond the last element.
    this.top = (end + 63) & ~63;
    this.runtime.memory.write(storage.array as HeapArray, address);
    this.staged.push(storage);
    this.addresses.push(address);
    return address;
  }
}
