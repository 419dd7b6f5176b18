import { type Layout, newTier } from "@thalweg/kernels";
import { findCollector } from "../../heap/collector";
import { Heap } from "../../heap/heap";
import type { Assembler } from "../assembler/assembler";
import type { Product } from "../matmul/product";
import { argumentsAddress, stageEnd } from "./addresses";
import { maxCount, NoRoom } from "./limits";
import { LinearMemory } from "./linear-memory";
import { pageBytes, webAssembly } from "./platform";
import { type Job, Threads } from "./threads";

/**
 * A compiled kernel. It computes the items `from` (included) to `to` (excluded) of a job whose arguments are in
 * memory at the address `args`. Items are independent, so any split among threads computes the same bits.
 */
export interface Kernel {
  /** Its code; null for a function of JavaScript, which the calling thread runs. */
  readonly bytes: Uint8Array | null;
  readonly run: (args: number, from: number, to: number) => void;
  /** The number under which the threads know it, or -1. */
  shared: number;
}

/** Elements in linear memory: `address` is the address of the storage's first element, in bytes. */
export interface MemoryView {
  readonly address: number;
  readonly layout: Layout;
  /** Whether the elements are ints, as indices may be. */
  readonly isInt?: boolean;
}

/** The options of a runtime; sizes are in bytes. */
export interface RuntimeOptions {
  readonly shared: boolean;
  /** The largest size of the memory. */
  readonly maximum: number;
  /** The memory that tensors may take before cold ones are written back. */
  readonly budget: number;
  /** The first address that tensors may take; the end of the stage unless given. */
  readonly start?: number;
}

/** Kernels, the memory that they access, and the threads that run them. */
export class Runtime {
  /** Its tiers in `program.compiled`: one for kernels of their own, and one for epilogues of products. */
  readonly tier: number = newTier();
  readonly epilogueTier: number = newTier();
  readonly memory: LinearMemory;
  readonly heap: Heap;
  readonly threads: Threads;
  /** The kernels by name. */
  readonly kernels = new Map<string, Kernel>();
  /** Computes a product by a library of the machine, or returns false; null where the program uses none. */
  gemm: ((runtime: Runtime, product: Product) => boolean) | null = null;
  /** The tier of what a library has just computed. */
  gemmTier: string | null = null;

  constructor({ shared, maximum, budget, start = stageEnd }: RuntimeOptions) {
    this.memory = new LinearMemory(Math.min(64, maximum / pageBytes), maximum / pageBytes, shared);
    this.heap = new Heap(this.memory, start, budget, findCollector);
    this.threads = new Threads(this.memory, (bytes) => this.heap.keep(bytes));
  }

  /** The memory as integers. Callers must not keep the array, because memory that grows gets a new buffer. */
  get words(): Int32Array {
    return this.memory.words;
  }

  /** The memory as floats. Callers must not keep the array. */
  get floats(): Float32Array {
    return this.memory.floats;
  }

  /** Compiles a module that exports `run(args, from, to)`. */
  compile(assembler: Assembler): Kernel {
    const { memory } = this;
    const bytes = assembler.encode(memory.maximum, memory.shared);
    const module = new webAssembly!.Module(bytes);
    const { exports } = new webAssembly!.Instance(module, { m: { m: memory.memory } });
    return { bytes, run: exports.run as Kernel["run"], shared: -1 };
  }

  /**
   * The address of at least `bytes` bytes, aligned to 64, for use until the current kernel is done.
   *
   * @throws NoRoom when there is no more memory.
   */
  scratch(bytes: number): number {
    const address = this.heap.scratch(bytes);
    if (address < 0) throw new NoRoom();
    return address;
  }

  /** The numbers that a driver is about to write to arguments, as floats or as ints. */
  numbers(compute: () => number[], _isInt: boolean): number[] {
    return compute();
  }

  /**
   * Puts a table into memory for the current kernel.
   *
   * @param room the address of memory that it may take
   * @param length the words that it takes: its last value fills what is beyond its own length
   * @returns its address
   */
  table(values: Int32Array, length: number, room: number): number {
    const start = room >> 2;
    this.words.set(values, start);
    this.words.fill(values.at(-1) ?? 0, start + values.length, start + length);
    return room;
  }

  /**
   * Runs all items of a job whose arguments a frame has written.
   *
   * @param items the number of items; -1 if the arguments did not fit
   * @param cost approximate nanoseconds of one item, which decide whether the job is shared among threads
   * @throws NoRoom when the arguments did not fit, or there are too many items.
   */
  launch(kernel: Kernel, items: number, cost: number): void {
    if (items < 0 || items > maxCount) throw new NoRoom();
    this.launchAll([{ kernel, items, cost, args: argumentsAddress }]);
  }

  /** Runs jobs, whose number of items is right, that do not need each other's results. */
  launchAll(jobs: readonly Job[]): void {
    if (this.threads.run(jobs)) return;
    for (const { kernel, args, items } of jobs) kernel.run(args, 0, items);
  }
}
