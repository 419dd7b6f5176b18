import { type Layout, newTier } from "@thalweg/kernels";
import { findCollector } from "../../heap/collector";
import { Heap } from "../../heap/heap";
import type { Assembler } from "../assembler/assembler";
import { argumentsAddress, stageEnd } from "./addresses";
import { LinearMemory } from "./linear-memory";
import { pageBytes, webAssembly } from "./platform";
import { Threads } from "./threads";

/**
 * A compiled kernel. It does the items `from` (included) to `to` (excluded) of a job whose arguments stand
 * in memory at the address `args`. Items are independent: any split among threads gives the same bits.
 */
export interface Kernel {
  readonly bytes: Uint8Array;
  readonly run: (args: number, from: number, to: number) => void;
  /** Under which number the threads know it, or -1. */
  shared: number;
}

/** Elements in linear memory: `address` is that of the storage's first one, in bytes. */
export interface MemoryView {
  readonly address: number;
  readonly layout: Layout;
  /** Whether the elements are ints, as indices may be. */
  readonly isInt?: boolean;
}

/** How a runtime is set up; sizes in bytes. */
export interface RuntimeOptions {
  readonly shared: boolean;
  /** Most memory there can be. */
  readonly maximum: number;
  /** What tensors may take before cold ones are written back. */
  readonly budget: number;
  /** First address that tensors may take. */
  readonly start?: number;
}

/**
 * What kernels count to: they do so in 32 bits with a sign, and some go a little further. Only what was expanded
 * has more elements than that.
 */
export const maxCount = 2 ** 30;

/** There is not enough linear memory for a kernel: it has to be done without. */
export class NoRoom extends Error {}

/** Kernels, the memory they see, and the threads that run them. */
export class Runtime {
  /** Its places among the kernels of a program: of one that is run by itself, and of one that ends a product. */
  readonly tier: number = newTier();
  readonly epilogueTier: number = newTier();
  readonly memory: LinearMemory;
  readonly heap: Heap;
  readonly threads: Threads;

  constructor({ shared, maximum, budget, start = stageEnd }: RuntimeOptions) {
    this.memory = new LinearMemory(Math.min(64, maximum / pageBytes), maximum / pageBytes, shared);
    this.heap = new Heap(this.memory, start, budget, findCollector);
    this.threads = new Threads(this.memory, (bytes) => this.heap.keep(bytes));
  }

  /** The memory as integers; not to be kept, since memory that grows gets a new buffer. */
  get words(): Int32Array {
    return this.memory.words;
  }

  /** The memory as floats; not to be kept. */
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
   * Address of at least `bytes` bytes, aligned to 64, that last until the kernel that asked is done.
   *
   * @throws NoRoom when there is no more memory.
   */
  scratch(bytes: number): number {
    const address = this.heap.scratch(bytes);
    if (address < 0) throw new NoRoom();
    return address;
  }

  /**
   * Runs all items of a job whose arguments are written.
   *
   * @param cost nanoseconds that one item takes, about: says whether threads are worth waking
   * @throws NoRoom when the arguments had none, or there are too many items.
   */
  launch(kernel: Kernel, items: number, cost: number): void {
    if (items < 0 || items > maxCount) throw new NoRoom();
    if (!this.threads.run(kernel, items, cost)) kernel.run(argumentsAddress, 0, items);
  }
}
