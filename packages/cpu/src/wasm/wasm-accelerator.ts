import type { Backend, DType, MapProgram, Operand, View } from "@thalweg/kernels";
import { noteAllocation } from "@thalweg/kernels";
import type { Accelerator } from "../accelerator";
import { CpuStorage } from "../storage";
import { copyTransposed } from "./kernels/copy";
import { gather, scatterAdd } from "./kernels/gather";
import { map } from "./kernels/map";
import { reduce } from "./kernels/reduce";
import { rows } from "./kernels/row";
import { contract, matmul } from "./matmul/matmul";
import { createRuntime } from "./runtime/create-runtime";
import { NoRoom } from "./runtime/limits";
import { Residency } from "./runtime/residency";
import type { MemoryView, Runtime } from "./runtime/runtime";
import { reported } from "./runtime/traps";

/** Calls `run` with the operands in linear memory, and returns whether it could compute. */
export type Resident = (
  outputs: readonly View[],
  inputs: readonly Operand[],
  run: (outputs: readonly MemoryView[], inputs: readonly (MemoryView | number)[]) => boolean,
) => boolean;

function residentIn(runtime: Runtime): Resident {
  const { threads } = runtime;
  const residency = new Residency(runtime);
  return (outputs, inputs, run) => {
    residency.begin();
    const to = residency.all(outputs);
    const from = to && residency.all(inputs);
    if (to === null || from === null) return false;
    runtime.gemmTier = null;
    try {
      if (!run(to, from)) return false;
    } catch (error) {
      if (error instanceof NoRoom) return false;
      throw reported(error);
    }
    residency.finish(outputs);
    outputs[0]!.storage.backend.lastTier =
      runtime.gemmTier ?? (threads.shared ? `wasm x${threads.count}` : "wasm");
    return true;
  };
}

/** Makes an accelerator: SIMD kernels on threads, over one memory. Null where the engine does not support them. */
export function createAccelerator(runtime: Runtime | null = createRuntime()): Accelerator | null {
  return runtime && acceleratorOn(runtime, residentIn(runtime));
}

function acceleratorOn(runtime: Runtime, resident: Resident): Accelerator {
  const { heap } = runtime;
  return {
    runtime,
    on: acceleratorOn,

    allocate(backend: Backend, dtype: DType, size: number): CpuStorage | null {
      const cell = heap.allocate(size, dtype !== "float32");
      if (cell === null) return null;
      const storage = new CpuStorage(backend, dtype, size, null, cell);
      heap.watch(storage, cell);
      noteAllocation(storage);
      return storage;
    },

    map: (program: MapProgram, outputs, inputs) =>
      resident(outputs, inputs, (to, from) => {
        const [only] = from;
        if (typeof only === "object" && program.copies && copyTransposed(runtime, to[0]!, only)) return true;
        return map(runtime, program, to, from);
      }),

    reduce: (program, out, inputs, dims) =>
      resident([out], inputs, ([to], from) =>
        reduce(runtime, program, to!, from as readonly MemoryView[], dims),
      ),

    rows: (program, outputs, inputs, dim) =>
      resident(outputs, inputs, (to, from) => rows(runtime, program, to, from as readonly MemoryView[], dim)),

    gather: (out, input, dim, index) =>
      resident([out], [input, index], ([to], [from, where]) =>
        gather(runtime, to!, from as MemoryView, dim, where as MemoryView),
      ),

    scatterAdd: (out, dim, index, src) =>
      resident([out], [index, src], ([to], [where, from]) =>
        scatterAdd(runtime, to!, dim, where as MemoryView, from as MemoryView),
      ),

    matmul: (out, a, b, epilogue) =>
      resident([out], [a, b, ...(epilogue?.operands ?? [])], ([to], [left, right, ...operands]) => {
        const last = epilogue && { program: epilogue.program, operands };
        return matmul(runtime, to!, left as MemoryView, right as MemoryView, last);
      }),

    contract: (out, a, b, grouping, epilogue) =>
      resident([out], [a, b, ...(epilogue?.operands ?? [])], ([to], [left, right, ...operands]) => {
        const last = epilogue && { program: epilogue.program, operands };
        return contract(runtime, to!, left as MemoryView, right as MemoryView, grouping, last);
      }),
  };
}
