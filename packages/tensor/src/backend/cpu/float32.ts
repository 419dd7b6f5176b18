import type { MapProgram, ReduceProgram } from "../../scalar/program";
import type { Backend, Epilogue, Operand, View } from "../backend";
import { observation } from "../observe";
import { noteAllocation } from "../scope";
import type { Memory, Tier } from "./cpu-backend";
import { map as mapInJs } from "./js/map";
import { matmul as matmulInJs } from "./js/matmul";
import { reduce as reduceInJs } from "./js/reduce";
import { CpuStorage } from "./storage";
import { createRuntime } from "./wasm/create";
import { map as mapInWasm } from "./wasm/map";
import { matmul as matmulInWasm } from "./wasm/matmul";
import { Places } from "./wasm/places";
import { reduce as reduceInWasm } from "./wasm/reduce";
import type { Runtime } from "./wasm/runtime";

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

/** Says, for profiles, that WebAssembly did it. */
function done({ threads }: Runtime): true {
  if (observation.listener !== null) observation.tier = threads.shared ? `wasm x${threads.count}` : "wasm";
  return true;
}

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
    const depth = a.layout.shape.at(-1)!;
    if (out.layout.size * depth < least.matmul || !matmulLarge(out, a, b)) matmulInJs(out, a, b);
    if (epilogue !== undefined) this.map(epilogue.program, [out], [out, ...epilogue.operands]);
  },
};

function mapLarge(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): boolean {
  const wasm = webAssemblyTier();
  if (wasm === null) return false;
  const { runtime, places } = wasm;
  places.begin();
  const to = places.all(outputs);
  const from = to && places.all(inputs);
  if (to === null || from === null || !mapInWasm(runtime, program, to, from)) return false;
  places.finish(outputs);
  return done(runtime);
}

function reduceLarge(
  program: ReduceProgram,
  out: View,
  inputs: readonly View[],
  dims: readonly number[],
): boolean {
  const wasm = webAssemblyTier();
  if (wasm === null) return false;
  const { runtime, places } = wasm;
  places.begin();
  const to = places.of(out);
  const from = to && places.all(inputs);
  if (to === null || from === null || !reduceInWasm(runtime, program, to, from, dims)) return false;
  places.finish([out]);
  return done(runtime);
}

function matmulLarge(out: View, a: View, b: View): boolean {
  const wasm = webAssemblyTier();
  if (wasm === null) return false;
  const { runtime, places } = wasm;
  places.begin();
  const [to, left, right] = [places.of(out), places.of(a), places.of(b)];
  if (to === null || left === null || right === null || !matmulInWasm(runtime, to, left, right)) return false;
  places.finish([out]);
  return done(runtime);
}
