import type {
  Backend,
  DType,
  Epilogue,
  Grouping,
  MapProgram,
  Operand,
  ReduceProgram,
  RowProgram,
  View,
} from "@thalweg/kernels";
import type { IndexTier } from "./index-kernels";
import type { CpuStorage } from "./storage";
import type { Runtime } from "./wasm/runtime/runtime";
import type { Resident } from "./wasm/wasm-accelerator";

/** The kernels that WebAssembly adds to the CPU backend. Each returns whether it could do what was asked. */
export interface Accelerator extends IndexTier {
  readonly runtime: Runtime;
  /** The same kernels on another runtime, and with operands found in another way. */
  readonly on: (runtime: Runtime, resident: Resident) => Accelerator;
  /** A large storage; null when there is no room for it. */
  allocate(backend: Backend, dtype: DType, size: number): CpuStorage | null;
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): boolean;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): boolean;
  matmul(out: View, a: View, b: View, epilogue: Epilogue | undefined): boolean;
  contract(out: View, a: View, b: View, grouping: Grouping, epilogue: Epilogue | undefined): boolean;
  rows(program: RowProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean;
}

/** Which kernels WebAssembly runs: those that are large enough, all that it can, or none. */
export type WebAssemblyUse = "auto" | "always" | "never";

let make: (() => Accelerator | null) | undefined;
/** Settles when the code has arrived, or cannot arrive. */
let loading: Promise<void> | undefined;
let isLoading = false;
/** How often reads may still wait for threads: some never start, and no event tells so. */
let patience = 1000;
let made: Accelerator | null | undefined;
let use: WebAssemblyUse = "auto";
let wantedThreads: number | undefined;

/**
 * The accelerator, or null where there is none. Its code is a chunk of its own, so that pages with small tensors
 * do not download it. The first large tensor requests it, and JavaScript does the work until it arrives. In
 * Node it is loaded from the start.
 */
export function accelerator(): Accelerator | null {
  if (made === undefined) {
    if (make !== undefined) start(make());
    else load();
  }
  return use === "never" ? null : (made ?? null);
}

/**
 * The accelerator, or null where there is none or the work is too small for it.
 *
 * @param least the least work for which WebAssembly runs the kernel, in elements or multiplications
 * @param isSlow whether JavaScript sets up the loops of the kernel more slowly, so that no work is too small once the
 * accelerator is there
 */
export function acceleratorFor(work: number, least: number, isSlow = false): Accelerator | null {
  return work >= (use === "always" || (isSlow && made) ? 1 : least) ? accelerator() : null;
}

function load(): Promise<void> {
  if (loading !== undefined) return loading;
  isLoading = true;
  loading = import("./wasm/wasm-accelerator")
    .then(
      ({ createAccelerator }) => provideAccelerator(createAccelerator),
      // JavaScript continues to do the work.
      () => {},
    )
    .finally(() => {
      isLoading = false;
    });
  return loading;
}

/**
 * Waits until WebAssembly computes large tensors, on its threads, where that is possible. Call it first in a browser:
 * there the code of WebAssembly is a chunk that is otherwise fetched when the first large tensor is made. Until it
 * arrives, JavaScript does the work, twenty times slower. Node, Deno and Bun need no call.
 *
 * @returns whether WebAssembly is available; false where the chunk cannot be fetched, a Content-Security-Policy forbids
 * WebAssembly, or the engine lacks its vector instructions. Everything works then, too, with the same bits.
 * @example
 * await ready(); // → true
 */
export async function ready(): Promise<boolean> {
  if (accelerator() === null && made === undefined) await load();
  if (loading !== undefined) accelerator()?.runtime.threads.start();
  for (let wait = arrival(); wait !== undefined; wait = arrival()) await wait;
  return accelerator() !== null;
}

/**
 * Yields to the event loop once while the code, and then the threads, are on their way. In a browser they cannot arrive
 * as long as a loop awaits only settled promises. Undefined when nothing is on its way, which costs no wait.
 */
export function arrival(): Promise<void> | undefined {
  if (loading === undefined) return undefined;
  const isComing = isLoading || (made?.runtime.threads.isStarting === true && patience-- > 0);
  return isComing ? new Promise((resolve) => setTimeout(resolve)) : undefined;
}

/** Sets how the accelerator is made when it is first needed. The first call wins. */
export function provideAccelerator(create: () => Accelerator | null): void {
  make ??= create;
}

function start(created: Accelerator | null): void {
  made = created;
  if (wantedThreads !== undefined) created?.runtime.threads.limit(wantedThreads);
}

/** Changes which kernels WebAssembly runs, for example to compare tiers in tests. Returns the previous setting. */
export function setWebAssembly(to: WebAssemblyUse): WebAssemblyUse {
  const before = use;
  use = to;
  return before;
}

/** Sets the number of threads of the accelerator, now or as soon as there is one; at most the number of cores. */
export function limitThreads(count: number): void {
  wantedThreads = count;
  made?.runtime.threads.limit(count);
}
