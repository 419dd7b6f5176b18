import type { Backend } from "../backend";
import { noteAllocation } from "../scope";
import type { Memory } from "./cpu-backend";
import { CpuStorage } from "./storage";
import { createRuntime } from "./wasm/create";
import type { Runtime } from "./wasm/runtime";

/** From this many elements on, tensors live in the heap, where WebAssembly can reach them. */
const large = 1024;

let runtime: Runtime | null | undefined;

/** The runtime of the process, made at the first use; null where the engine cannot have one. */
export function theRuntime(): Runtime | null {
  if (runtime === undefined) runtime = createRuntime();
  return runtime;
}

/** Small tensors are ordinary arrays; large ones are cells of the heap while it has room for them. */
export const float32Memory: Memory = {
  allocate(backend: Backend, size: number): CpuStorage {
    const heap = size < large ? undefined : theRuntime()?.heap;
    const cell = heap?.allocate(size) ?? null;
    if (cell === null) return new CpuStorage(backend, size, new Float32Array(size), null);
    const storage = new CpuStorage(backend, size, null, cell);
    heap!.watch(storage, cell);
    noteAllocation(storage);
    return storage;
  },
};

export const float64Memory: Memory = {
  allocate: (backend, size) => new CpuStorage(backend, size, new Float64Array(size), null),
};
