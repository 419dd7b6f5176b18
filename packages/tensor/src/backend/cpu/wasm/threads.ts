import { internal } from "../../../errors";
import { argumentsAddress, control } from "./addresses";
import type { LinearMemory } from "./linear-memory";
import type { Kernel } from "./runtime";
import { spawnWorker } from "./worker";

/** Work below this many nanoseconds is done at once by the thread that has it. */
const worthSharing = 20_000;

/** What one thread takes at a time, in nanoseconds: more than it costs to take it. */
const grain = 5_000;

/** Kernels that the threads can know. */
const tableLength = 1024;

/** Beyond this many, threads wait for memory more than they compute. */
const most = 8;

function availableThreads(): number {
  const { navigator, process } = globalThis as {
    navigator?: { hardwareConcurrency?: number };
    process?: { getBuiltinModule?(id: string): { availableParallelism(): number } };
  };
  return process?.getBuiltinModule?.("node:os").availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/**
 * Threads that wait for kernels to run, on one shared memory. The thread that launches a job works on it,
 * too, and takes parts of it until none is left; others join when they notice. So a job never waits for a
 * thread that is asleep, or that could not be started at all.
 */
export class Threads {
  private readonly memory: LinearMemory;
  private readonly keep: (bytes: number) => number;
  private wanted: number;
  private started = 1;
  private known = 0;
  private table = -1;

  /** @param keep gives memory that stays taken, or -1 */
  constructor(memory: LinearMemory, keep: (bytes: number) => number) {
    this.memory = memory;
    this.keep = keep;
    this.wanted = memory.shared ? Math.min(most, availableThreads()) : 1;
  }

  /** Number of threads, this one included. */
  get count(): number {
    return this.wanted;
  }

  set count(count: number) {
    if (!this.memory.shared) return;
    this.wanted = count;
    if (this.started <= count) return;
    // Those that are too many end by themselves when they see this.
    this.started = count;
    const { words } = this.memory;
    Atomics.store(words, control.count, count);
    Atomics.add(words, control.generation, 1);
    Atomics.notify(words, control.generation);
  }

  /** How many others are ready to work. */
  get ready(): number {
    return Atomics.load(this.memory.words, control.ready);
  }

  /** Whether others took part in the last job. */
  shared = false;

  /** Runs a job together with the others; false when it is not worth it, or cannot be. */
  run(kernel: Kernel, items: number, cost: number): boolean {
    this.shared = false;
    if (items * cost < worthSharing || items < 2 || this.wanted < 2) return false;
    this.start();
    if (this.ready === 0) return false;
    const index = this.share(kernel);
    if (index < 0) return false;
    const { words } = this.memory;
    const chunk = Math.max(1, Math.min(Math.ceil(grain / cost), Math.ceil(items / this.wanted)));
    this.shared = true;
    words[control.kernel] = index;
    words[control.items] = items;
    words[control.chunk] = chunk;
    Atomics.store(words, control.next, 0);
    Atomics.store(words, control.open, 1);
    Atomics.add(words, control.generation, 1);
    if (Atomics.load(words, control.asleep) > 0) Atomics.notify(words, control.generation);
    try {
      for (;;) {
        const from = Atomics.add(words, control.next, chunk);
        if (from >= items) break;
        kernel.run(argumentsAddress, from, Math.min(from + chunk, items));
      }
    } finally {
      Atomics.store(words, control.open, 0);
      while (Atomics.load(words, control.active) > 0);
    }
    if (words[control.failed] !== 0) throw internal("a kernel failed on another thread");
    return true;
  }

  private start(): void {
    if (this.started === this.wanted) return;
    Atomics.store(this.memory.words, control.count, this.wanted);
    for (; this.started < this.wanted; this.started++) spawnWorker(this.memory.memory, this.started);
  }

  /** Puts the code of a kernel where all threads can read it; its number, or -1 when there is no room. */
  private share(kernel: Kernel): number {
    if (kernel.shared >= 0) return kernel.shared;
    if (this.table < 0) this.table = this.keep(8 * tableLength);
    if (this.table < 0 || this.known === tableLength) return -1;
    const { bytes } = kernel;
    const address = this.keep(bytes.length);
    if (address < 0) return -1;
    const { memory, words } = this.memory;
    new Uint8Array(memory.buffer, address, bytes.length).set(bytes);
    words.set([address, bytes.length], this.table / 4 + 2 * this.known);
    words[control.table] = this.table / 4;
    kernel.shared = this.known++;
    return kernel.shared;
  }
}
