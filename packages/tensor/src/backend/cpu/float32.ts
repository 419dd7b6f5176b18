import type { MapProgram, ReduceProgram } from "../../scalar/program";
import type { Backend, Epilogue, Operand, View } from "../backend";
import { observation } from "../observe";
import { noteAllocation } from "../scope";
import type { Memory, Tier } from "./cpu-backend";
import { map as mapInJs } from "./js/map";
import { matmul as matmulInJs } from "./js/matmul";
import { reduce as reduceInJs } from "./js/reduce";
import { CpuStorage } from "./storage";
import { copyTransposed } from "./wasm/copy";
import { createRuntime } from "./wasm/create";
import { map as mapInWasm } from "./wasm/map";
import { matmul as matmulInWasm } from "./wasm/matmul";
import { Places } from "./wasm/places";
import { reduce as reduceInWasm } from "./wasm/reduce";
import { NoRoom, type Place, type Runtime } from "./wasm/runtime";

/** From this many elements on, tensors live in the heap, where WebAssembly can reach them. */
const large = 1024;

/** Elements, or multiplications, from which a kernel is worth a call of WebAssembly. */
const worth = { map: 512, reduce: 512, matmul: 2048 };

/** Which kernels are run by WebAssembly: those that are worth it, all that can be, or none. */
export type WebAssemblyUse = "auto" | "always" | "never";

let use: WebAssemblyUse = "auto";
let least = worth;

interface WebAssemblyTier {
  readonly runtime: Runtime;
  readonly places: Places;
}

let tier: WebAssemblyTier | null | undefined;

function webAssemblyTier(): WebAssemblyTier | null {
  if (tier === undefined) {
    const runtime = createRuntime();
    tier = runtime === null ? null : { runtime, places: new Places(runtime) };
  }
  return use === "never" ? null : tier;
}

/** The runtime of the process, made at the first use; null where the engine cannot have one. */
export function theRuntime(): Runtime | null {
  return webAssemblyTier()?.runtime ?? null;
}

/** Changes which kernels are run by WebAssembly, so that tests can compare; returns what held before. */
export function setWebAssembly(to: WebAssemblyUse): WebAssemblyUse {
  const before = use;
  use = to;
  least = to === "always" ? { map: 1, reduce: 1, matmul: 1 } : worth;
  return before;
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

/**
 * JavaScript for what is small, and for what cannot be written as a WebAssembly kernel; WebAssembly for the
 * rest. Both give the same bits.
 */
export const float32Tier: Tier = {
  name: "js",

  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
    if (outputs[0]!.layout.size < least.map || !mapLarge(program, outputs, inputs)) {
      mapInJs(program, outputs, inputs);
    }
  },

  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void {
    if (inputs[0]!.layout.size < least.reduce || !reduceLarge(program, out, inputs, dims)) {
      reduceInJs(program, out, inputs, dims);
    }
  },

  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void {
    const isLarge = out.layout.size * a.layout.shape.at(-1)! >= least.matmul;
    if (isLarge && matmulLarge(out, a, b, epilogue)) return;
    if (!isLarge || epilogue === undefined || !matmulLarge(out, a, b, undefined)) matmulInJs(out, a, b);
    if (epilogue !== undefined) this.map(epilogue.program, [out], [out, ...epilogue.operands]);
  },
};

/** Does `run` with operands in linear memory, and says whether that was possible. */
function inWasm(
  outputs: readonly View[],
  inputs: readonly Operand[],
  run: (runtime: Runtime, outputs: readonly Place[], inputs: readonly (Place | number)[]) => boolean,
): boolean {
  const wasm = webAssemblyTier();
  if (wasm === null) return false;
  const { runtime, places } = wasm;
  places.begin();
  const to = places.all(outputs);
  const from = to && places.all(inputs);
  if (to === null || from === null) return false;
  try {
    if (!run(runtime, to, from)) return false;
  } catch (error) {
    if (error instanceof NoRoom) return false;
    throw error;
  }
  places.finish(outputs);
  if (observation.listener !== null) {
    const { threads } = runtime;
    observation.tier = threads.shared ? `wasm x${threads.count}` : "wasm";
  }
  return true;
}

function mapLarge(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): boolean {
  return inWasm(outputs, inputs, (runtime, to, from) => {
    const [only] = from;
    if (typeof only === "object" && program.copies && copyTransposed(runtime, to[0]!, only)) return true;
    return mapInWasm(runtime, program, to, from);
  });
}

function reduceLarge(
  program: ReduceProgram,
  out: View,
  inputs: readonly View[],
  dims: readonly number[],
): boolean {
  return inWasm([out], inputs, (runtime, [to], from) =>
    reduceInWasm(runtime, program, to!, from as readonly Place[], dims),
  );
}

function matmulLarge(out: View, a: View, b: View, epilogue: Epilogue | undefined): boolean {
  return inWasm([out], [a, b, ...(epilogue?.operands ?? [])], (runtime, [to], [left, right, ...operands]) =>
    matmulInWasm(
      runtime,
      to!,
      left as Place,
      right as Place,
      epilogue && { program: epilogue.program, operands },
    ),
  );
}
