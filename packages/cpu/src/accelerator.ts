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

/** What WebAssembly adds to the CPU backend. Each kernel says whether it could do what was asked. */
export interface Accelerator extends IndexTier {
  readonly runtime: Runtime;
  /** A large storage, or null when there is no room for it. */
  allocate(backend: Backend, dtype: DType, size: number): CpuStorage | null;
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): boolean;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): boolean;
  matmul(out: View, a: View, b: View, epilogue: Epilogue | undefined): boolean;
  contract(out: View, a: View, b: View, grouping: Grouping, epilogue: Epilogue | undefined): boolean;
  rows(program: RowProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean;
}

/** Which kernels are run by WebAssembly: those that are worth it, all that can be, or none. */
export type WebAssemblyUse = "auto" | "always" | "never";

/** Least work for which a kernel is given to WebAssembly: elements, or multiplications. */
const minWork = { map: 512, reduce: 512, rows: 128, matmul: 2048, index: 1024 };

let make: (() => Accelerator | null) | undefined;
/** Until the code has come, or cannot come. */
let loading: Promise<void> | undefined;
let isLoading = false;
/** How often threads may still be waited for: some never start, and nobody says so. */
let patience = 1000;
let made: Accelerator | null | undefined;
let use: WebAssemblyUse = "auto";
let wantedThreads: number | undefined;

/**
 * The accelerator, or null where there is none. Its code is a part of its own, so that pages which compute
 * small things do not download it: it is asked for by the first large tensor, and JavaScript does the work
 * until it is there. In Node it is there from the start.
 */
export function accelerator(): Accelerator | null {
  if (made === undefined) {
    if (make !== undefined) start(make());
    else load();
  }
  return use === "never" ? null : (made ?? null);
}

/** The accelerator, or null where there is none or the work is too small for it. */
export function acceleratorFor(kernel: keyof typeof minWork, work: number): Accelerator | null {
  return work >= (use === "always" ? 1 : minWork[kernel]) ? accelerator() : null;
}

/**
 * As {@link acceleratorFor}, for kernels whose loops JavaScript sets up more slowly: once the accelerator is there it does
 * them whatever their size.
 */
export function acceleratorAtHand(kernel: keyof typeof minWork, work: number): Accelerator | null {
  return made && use === "auto" ? made : acceleratorFor(kernel, work);
}

function load(): Promise<void> {
  if (loading !== undefined) return loading;
  isLoading = true;
  loading = import("./wasm/wasm-accelerator")
    .then(
      ({ createAccelerator }) => provideAccelerator(createAccelerator),
      // JavaScript goes on doing the work.
      () => {},
    )
    .finally(() => {
      isLoading = false;
    });
  return loading;
}

/**
 * Waits until large tensors are computed by WebAssembly, on its threads, if that can be: the first thing to do in a
 * browser, where its code is a chunk that is otherwise fetched when the first large tensor is made. Until then JavaScript
 * does the work, twenty times slower. Nothing has to be waited for in Node, Deno and Bun.
 *
 * @returns whether it is there; false where the chunk cannot be fetched, a Content-Security-Policy forbids WebAssembly,
 * or the engine lacks its vector instructions. Everything works then, too, and gives the same bits.
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
 * Gives control back once while something is on its way that cannot arrive in a browser as long as a loop waits for
 * nothing but promises that are kept already: the code, and then the threads. Otherwise undefined, which costs no wait.
 */
export function arrival(): Promise<void> | undefined {
  if (loading === undefined) return undefined;
  const isComing = isLoading || (made?.runtime.threads.isStarting === true && patience-- > 0);
  return isComing ? new Promise((resolve) => setTimeout(resolve)) : undefined;
}

/** Says how the accelerator is made when it is needed first. */
export function provideAccelerator(create: () => Accelerator | null): void {
  make ??= create;
}

function start(created: Accelerator | null): void {
  made = created;
  if (wantedThreads !== undefined) created?.runtime.threads.limit(wantedThreads);
}

/** Changes which kernels are run by WebAssembly, so that tests can compare; returns what held before. */
export function setWebAssembly(to: WebAssemblyUse): WebAssemblyUse {
  const before = use;
  use = to;
  return before;
}

/** Number of threads of the accelerator, now or as soon as there is one; no more than there are cores. */
export function limitThreads(count: number): void {
  wantedThreads = count;
  made?.runtime.threads.limit(count);
}
