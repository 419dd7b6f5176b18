import { DeviceError } from "@thalweg/kernels";
import { argumentsAddress, control, state, threadNumbers } from "./addresses";
import type { LinearMemory } from "./linear-memory";
import type { Kernel } from "./runtime";
import { type Spawned, spawnWorker } from "./worker";

/** Work below this many nanoseconds is done at once by the thread that has it. */
const minSharedCost = 20_000;

/** What one thread takes at a time, in nanoseconds: more than it costs to take it. */
const grain = 5_000;

/** Kernels that the threads can know. */
const tableLength = 1024;

/** Beyond this many, threads wait for memory more than they compute. */
const maxThreads = 8;

function availableThreads(): number {
  const { navigator, process } = globalThis as {
    navigator?: { hardwareConcurrency?: number };
    process?: { getBuiltinModule?(id: string): { availableParallelism(): number } };
  };
  return process?.getBuiltinModule?.("node:os").availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/** So many threads may end without being asked, or not start, before no more are started. */
const maxLosses = 8;

/** Milliseconds of a pause that count as waiting: in a longer one the whole process stood still. */
const maxPause = 50;

/** The clock of the platform: tests of a program may have put another in its place. */
const now = /* @__PURE__ */ performance.now.bind(performance);

/**
 * Threads that wait for kernels to run, on one shared memory. The thread that launches a job works on it,
 * too, and takes parts of it until none is left; others join when they notice. So a job never waits for a
 * thread that is asleep, or that could not be started at all.
 */
export class Threads {
  /** Milliseconds to wait for a thread that has joined a job, besides a hundred times what a part should take. */
  patience = 10_000;
  private readonly memory: LinearMemory;
  private readonly keep: (bytes: number) => number;
  private wanted: number;
  /** By their numbers, from 1 on. */
  private readonly workers: (Spawned | undefined)[] = [];
  private losses = 0;
  private known = 0;
  private table = -1;

  /** @param keep gives memory that stays taken, or -1 */
  constructor(memory: LinearMemory, keep: (bytes: number) => number) {
    this.memory = memory;
    this.keep = keep;
    this.wanted = memory.shared ? Math.min(maxThreads, availableThreads()) : 1;
  }

  /** Number of threads, this one included. */
  get count(): number {
    return this.wanted;
  }

  set count(count: number) {
    if (!this.memory.shared) return;
    this.wanted = Math.min(count, threadNumbers);
    // Those that are too many end by themselves when they see this.
    const { words } = this.memory;
    Atomics.store(words, control.count, this.wanted);
    Atomics.add(words, control.generation, 1);
    Atomics.notify(words, control.generation);
  }

  /** As many threads as are wanted, but no more than cores: others would take memory and give nothing. */
  limit(wanted: number): void {
    this.count = Math.min(wanted, availableThreads());
  }

  /** How many others are ready to work. */
  get ready(): number {
    return this.numbers().filter((number) => this.stateOf(number) > state.starting).length;
  }

  /** Whether others took part in the last job. */
  shared = false;

  /**
   * Runs a job together with the others; false when it is not worth it, or cannot be.
   *
   * @throws DeviceError when another thread fails or ends: the threads can be used all the same afterwards.
   */
  run(kernel: Kernel, items: number, cost: number): boolean {
    this.shared = false;
    if (items * cost < minSharedCost || items < 2 || this.wanted < 2) return false;
    this.start();
    if (!this.some(state.waiting)) return false;
    const index = this.share(kernel);
    if (index < 0) return false;
    const { words } = this.memory;
    const chunk = Math.max(1, Math.min(Math.ceil(grain / cost), Math.ceil(items / this.wanted)));
    this.shared = true;
    words[control.kernel] = index;
    words[control.items] = items;
    words[control.chunk] = chunk;
    words[control.failed] = 0;
    Atomics.store(words, control.next, 0);
    Atomics.store(words, control.open, 1);
    Atomics.add(words, control.generation, 1);
    if (this.some(state.asleep, state.asleep)) Atomics.notify(words, control.generation);
    let complete = false;
    try {
      for (;;) {
        const from = Atomics.add(words, control.next, chunk);
        if (from >= items) break;
        kernel.run(argumentsAddress, from, Math.min(from + chunk, items));
      }
    } finally {
      // Nobody takes what is left after a failure.
      Atomics.store(words, control.next, items);
      Atomics.store(words, control.open, 0);
      complete = this.settle(this.patience + chunk * cost * 1e-4) && words[control.failed] === 0;
    }
    if (!complete) {
      throw new DeviceError(
        "cpu",
        "a thread failed or ended at its work, the result is incomplete",
        "try again",
      );
    }
    return true;
  }

  /** Waits for those who have joined; false if one of them is gone, and what it had taken with it. */
  private settle(patience: number): boolean {
    let complete = true;
    let [last, waited, looks] = [0, 0, 0];
    while (this.some(state.looking)) {
      if (++looks % 1024 !== 0) continue;
      const time = now();
      if (last > 0) waited += Math.min(time - last, maxPause);
      last = time;
      if (waited < patience) continue;
      for (const number of this.numbers()) {
        const does = this.stateOf(number);
        if (does < state.looking) continue;
        complete &&= does < state.working;
        // Should it only be late, it ends before it comes to write much.
        this.workers[number]?.terminate();
        this.lose(number);
      }
    }
    return complete;
  }

  /** Whether one was started and has not said yet that it is there. */
  get isStarting(): boolean {
    return this.some(state.starting, state.starting);
  }

  /** Starts those that are wanted and not there. */
  start(): void {
    const { memory, words } = this.memory;
    Atomics.store(words, control.count, this.wanted);
    for (let number = 1; number < this.wanted && this.losses < maxLosses; number++) {
      if (this.stateOf(number) !== state.none) continue;
      this.set(number, state.starting);
      const worker = spawnWorker(memory, number, () => {
        const isLast = (this.workers[number] ?? worker) === worker;
        if (isLast && this.stateOf(number) !== state.none) this.lose(number);
      });
      if (worker === null) this.lose(number);
      else this.workers[number] = worker;
    }
  }

  /** A thread that nobody asked to end is gone; another may take its place. */
  private lose(number: number): void {
    delete this.workers[number];
    this.set(number, state.none);
    this.losses++;
  }

  private numbers(): number[] {
    return [...this.workers.keys()];
  }

  private stateOf(number: number): number {
    return Atomics.load(this.memory.words, control.states + number);
  }

  private set(number: number, to: number): void {
    Atomics.store(this.memory.words, control.states + number, to);
  }

  /** Whether a thread does one of these things. */
  private some(from: number, to: number = state.working): boolean {
    for (let number = 1; number < this.workers.length; number++) {
      const does = this.stateOf(number);
      if (does >= from && does <= to) return true;
    }
    return false;
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
