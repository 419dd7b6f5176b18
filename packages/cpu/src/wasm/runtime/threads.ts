import { DeviceError } from "@thalweg/kernels";
import { chunkWord, control, rowLength, state, threadNumbers } from "./addresses";
import type { LinearMemory } from "./linear-memory";
import type { Kernel } from "./runtime";
import { type Spawned, spawnWorker } from "./worker";

/** Jobs of fewer nanoseconds than this are not shared. */
const minSharedCost = 20_000;

/** A kernel to run. */
export interface Job {
  kernel: Kernel;
  items: number;
  /** Approximate nanoseconds of an item. */
  cost: number;
  /** The address of the arguments. */
  args: number;
}

/** The work that one thread takes at a time, in nanoseconds: more than the cost of taking it. */
const grain = 5_000;

/** The largest number of kernels that threads can know. */
const tableLength = 1024;

/** The largest number of threads. More of them would wait for memory more than they compute. */
const maxThreads = 8;

function availableThreads(): number {
  const { navigator, process } = globalThis as {
    navigator?: { hardwareConcurrency?: number };
    process?: { getBuiltinModule?(id: string): { availableParallelism(): number } };
  };
  return process?.getBuiltinModule?.("node:os").availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/** No more threads are started after this many have ended by themselves, or have not started. */
const maxLosses = 8;

/** The milliseconds of a pause that count as waiting. In a longer pause, the whole process was stopped. */
const maxPause = 50;

/** The clock of the platform, which tests of a program may replace later. */
const now = /* @__PURE__ */ performance.now.bind(performance);

/**
 * Threads that wait for kernels to run, on one shared memory. The thread that launches jobs works on them, too, and
 * takes parts of it until none is left. Others join when they notice. So a job never waits for a thread that sleeps,
 * or that could not be started.
 */
export class Threads {
  /** Milliseconds to wait for a thread that has joined, plus a hundred times the expected time of all jobs. */
  patience = 10_000;
  private readonly memory: LinearMemory;
  private readonly keep: (bytes: number) => number;
  private wanted: number;
  /** The workers by number, from 1 on. */
  private readonly workers: (Spawned | undefined)[] = [];
  private losses = 0;
  private known = 0;
  private table = -1;

  /** @param keep takes memory for good, and returns its address or -1 */
  constructor(memory: LinearMemory, keep: (bytes: number) => number) {
    this.memory = memory;
    this.keep = keep;
    this.wanted = memory.shared ? Math.min(maxThreads, availableThreads()) : 1;
  }

  /** Number of threads, including the calling one. */
  get count(): number {
    return this.wanted;
  }

  set count(count: number) {
    if (!this.memory.shared) return;
    this.wanted = Math.min(count, threadNumbers);
    // Surplus threads end by themselves when they see this.
    const { words } = this.memory;
    Atomics.store(words, control.count, this.wanted);
    Atomics.add(words, control.generation, 1);
    Atomics.notify(words, control.generation);
  }

  /** Sets the number of threads, at most the number of cores: more would only take memory. */
  limit(wanted: number): void {
    this.count = Math.min(wanted, availableThreads());
  }

  /** Whether the last jobs were shared with other threads. */
  shared = false;

  /**
   * Runs jobs that do not need each other together with other threads; false when they are too small, or cannot be shared.
   *
   * @throws DeviceError when another thread fails or ends. The threads can be used afterwards.
   */
  run(jobs: readonly Job[]): boolean {
    this.shared = false;
    let total = 0;
    for (const { items, cost } of jobs) total += items * cost;
    if (total < minSharedCost || this.wanted < 2) return false;
    this.start();
    if (!this.some(state.waiting)) return false;
    let [parts, row] = [0, control.rows as number];
    for (const { kernel, items, cost, args } of jobs) {
      const index = this.share(kernel);
      if (index < 0) return false;
      const chunk = Math.max(1, Math.min(Math.ceil(grain / cost), Math.ceil(items / this.wanted)));
      this.memory.words.set([parts, index, args, items, chunk], row);
      parts += Math.ceil(items / chunk);
      row += rowLength;
    }
    if (parts < 2) return false;
    const { words } = this.memory;
    words[row] = words[control.parts] = parts;
    words[control.failed] = words[control.next] = 0;
    this.shared = true;
    Atomics.store(words, control.open, 1);
    Atomics.add(words, control.generation, 1);
    if (this.some(state.asleep, state.asleep)) Atomics.notify(words, control.generation);
    let complete = false;
    try {
      row = control.rows;
      for (let j = 0; ; ) {
        const part = Atomics.add(words, control.next, 1);
        if (part >= parts) break;
        for (; words[row + rowLength]! <= part; row += rowLength) j++;
        const { kernel, args, items } = jobs[j]!;
        const chunk = words[row + chunkWord]!;
        const from = (part - words[row]!) * chunk;
        kernel.run(args, from, Math.min(from + chunk, items));
      }
    } finally {
      // After a failure, no thread takes the rest.
      Atomics.store(words, control.next, parts);
      Atomics.store(words, control.open, 0);
      complete = this.settle(this.patience + total * 1e-4) && words[control.failed] === 0;
    }
    if (!complete) {
      throw new DeviceError(
        "cpu",
        "a thread failed or ended during its work, the result is incomplete",
        "try again",
      );
    }
    return true;
  }

  /** Waits for the threads that have joined; false if one of them is gone, with the part that it had taken. */
  private settle(patience: number): boolean {
    let complete = true;
    let [last, waited, looks] = [0, 0, 0];
    while (this.some(state.looking)) {
      if (++looks % 1024 !== 0) continue;
      const time = now();
      if (last > 0) waited += Math.min(time - last, maxPause);
      last = time;
      if (waited < patience) continue;
      for (const number of this.workers.keys()) {
        const does = this.stateOf(number);
        if (does < state.looking) continue;
        complete &&= does < state.working;
        // If the thread is only late, it ends before it can write much.
        this.workers[number]?.terminate();
        this.lose(number);
      }
    }
    return complete;
  }

  /** Whether a thread was started and has not reported yet. */
  get isStarting(): boolean {
    return this.some(state.starting, state.starting);
  }

  /** Starts the threads that are wanted and missing. */
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

  /** Counts a thread that has ended by itself; another may take its place. */
  private lose(number: number): void {
    delete this.workers[number];
    this.set(number, state.none);
    this.losses++;
  }

  private stateOf(number: number): number {
    return Atomics.load(this.memory.words, control.states + number);
  }

  private set(number: number, to: number): void {
    Atomics.store(this.memory.words, control.states + number, to);
  }

  /** Whether a thread has a state between `from` and `to`. */
  private some(from: number, to: number = state.working): boolean {
    for (let number = 1; number < this.workers.length; number++) {
      const does = this.stateOf(number);
      if (does >= from && does <= to) return true;
    }
    return false;
  }

  /** Puts the code of a kernel where all threads can read it. Returns its number, or -1 when there is no room. */
  private share(kernel: Kernel): number {
    if (kernel.shared >= 0) return kernel.shared;
    if (this.table < 0) this.table = this.keep(8 * tableLength);
    if (this.table < 0 || this.known === tableLength) return -1;
    const { bytes } = kernel;
    if (bytes === null) return -1;
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
