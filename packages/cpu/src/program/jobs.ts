import { type KernelCall, type Operand, operandsOf, type View } from "@thalweg/kernels";
import type { Accelerator } from "../accelerator";
import { type CpuStorage, minHeapSize } from "../storage";
import { maxJobs } from "../wasm/runtime/addresses";
import type { Job as Launched } from "../wasm/runtime/threads";
import { reported } from "../wasm/runtime/traps";
import { allocateKept, Region, ViewRegion } from "./region";
import { type Job, type Memory, type Trace, wordsOf } from "./trace";
import { areIndependent } from "./waves";

/** A call that WebAssembly computes. */
export interface Traced {
  readonly call: KernelCall;
  readonly trace: Trace;
  /** Sets the elements that stand for its numbers. */
  readonly fill: () => void;
}

/** A call with the places of the arguments of its jobs. */
interface Placed {
  readonly call: KernelCall;
  readonly fill: () => void;
  readonly jobs: readonly Job[];
  readonly usesScratch: boolean;
  /** The word at which the arguments of each job begin. */
  readonly starts: readonly number[];
  /** The numbers that the arguments were written for. */
  readonly numbers: Operand[];
  /** The operands that may be small arrays, and those of them that are written. */
  readonly small: readonly ViewRegion[];
  readonly written: readonly ViewRegion[];
}

/** Whether there are other numbers among the operands of a call; remembers them. */
function haveChanged({ call, numbers }: Placed): boolean {
  const operands = operandsOf(call);
  let isNew = false;
  for (let i = 0; i < numbers.length; i++) {
    const operand = operands[i]!;
    if (typeof operand !== "number" || Object.is(operand, numbers[i])) continue;
    numbers[i] = operand;
    isNew = true;
  }
  return isNew;
}

/** Calls that do not need each other, and the jobs of which each meeting of threads consists. */
interface Wave {
  readonly calls: readonly Placed[];
  readonly meetings: readonly (readonly PlacedJob[])[];
}

/** A job, whose arguments begin at a word of the block. */
interface PlacedJob extends Launched {
  readonly start: number;
}

/** Arguments of different jobs are in different cache lines. */
const aligned = (words: number): number => (words + 15) & ~15;

const isSmall = ({ storage }: View): boolean => storage.size < minHeapSize;

function copyAll(regions: readonly ViewRegion[], way: "in" | "out"): void {
  for (let i = 0; i < regions.length; i++) {
    if (way === "in") regions[i]!.copyIn();
    else regions[i]!.copyOut();
  }
}

function jobsOf({ jobs, starts }: Placed): PlacedJob[] {
  return jobs.map(({ kernel, items, cost }, j) => ({ kernel, items, cost, args: 0, start: starts[j]! }));
}

/** Calls of one job each that follow one another and do not need each other share a meeting. */
function wavesOf(calls: readonly Placed[]): Wave[] {
  const waves: { calls: Placed[]; meetings: PlacedJob[][] }[] = [];
  const isOne = ({ jobs, usesScratch }: Placed) =>
    jobs.length === 1 && jobs[0]!.kernel.bytes !== null && !usesScratch;
  for (const placed of calls) {
    const last = waves.at(-1);
    const jobs = jobsOf(placed);
    const isMore =
      last !== undefined &&
      last.calls.length < maxJobs &&
      [...last.calls, placed].every(isOne) &&
      last.calls.every(({ call }) => areIndependent(call, placed.call));
    if (isMore) {
      last.calls.push(placed);
      last.meetings[0]!.push(...jobs);
    } else waves.push({ calls: [placed], meetings: jobs.map((job) => [job]) });
  }
  return waves;
}

/** The jobs of calls, with the arguments of all of them in one block of memory. */
export class Jobs {
  private readonly tier: Accelerator;
  private readonly calls: readonly Placed[];
  private readonly waves: readonly Wave[];
  private readonly views = new Map<View, ViewRegion>();
  private readonly regions: readonly ViewRegion[];
  private readonly scratch = new Region();
  private readonly scratchBytes: number;
  /** The arguments, and behind them the tables. */
  private readonly block: CpuStorage | null;
  private readonly tables: { readonly region: Region; readonly at: number }[] = [];

  constructor(tier: Accelerator, traced: readonly Traced[]) {
    this.tier = tier;
    let size = 0;
    const place = (words: Int32Array) => {
      const at = size;
      size += aligned(words.length);
      return at;
    };
    this.calls = traced.map(({ call, trace, fill }) => ({
      call,
      fill,
      jobs: trace.jobs,
      usesScratch: trace.scratch > 0,
      starts: trace.jobs.map(({ words }) => place(words)),
      numbers: [...operandsOf(call)],
      small: [...trace.outputs, ...trace.inputs].filter(isSmall).map((view) => this.region(view)),
      written: trace.outputs.filter(isSmall).map((view) => this.region(view)),
    }));
    this.waves = wavesOf(this.calls);
    const tables = new Map<Int32Array, { readonly region: Region; readonly at: number }>();
    const regionOf = (memory: Memory): Region => {
      if (memory === "scratch") return this.scratch;
      if (!(memory instanceof Int32Array)) return this.region(memory);
      const known = tables.get(memory) ?? { region: new Region(), at: place(memory) };
      tables.set(memory, known);
      return known.region;
    };
    for (const { jobs, starts } of this.calls) {
      for (const [j, { words, links }] of jobs.entries()) {
        for (const { word, memory } of links) regionOf(memory).add(starts[j]! + word, words[word]!);
      }
    }
    this.tables = [...tables.values()];
    this.regions = [...this.views.values()];
    this.scratchBytes = traced.reduce((most, { trace }) => Math.max(most, trace.scratch), 0);
    this.block = allocateKept(tier, { backend: traced[0]!.call.backend, dtype: "int32", size });
    if (this.block === null) return;
    const { array } = this.block;
    for (const { jobs, starts } of this.calls)
      for (const [j, { words }] of jobs.entries()) array.set(words, starts[j]!);
    for (const [values, { at }] of tables) array.set(values, at);
  }

  private region(view: View): ViewRegion {
    const known = this.views.get(view) ?? new ViewRegion(view);
    this.views.set(view, known);
    return known;
  }

  /** Runs the jobs; false where linear memory has no room for all of their operands, before anything is written. */
  run(): boolean {
    const { runtime } = this.tier;
    const block = this.bring();
    if (block < 0) return false;
    this.write(block >> 2);
    try {
      for (const { calls, meetings } of this.waves) {
        for (let i = 0; i < calls.length; i++) copyAll(calls[i]!.small, "in");
        for (let m = 0; m < meetings.length; m++) {
          const jobs = meetings[m]!;
          for (let j = 0; j < jobs.length; j++) jobs[j]!.args = block + 4 * jobs[j]!.start;
          runtime.launchAll(jobs);
        }
        for (let i = 0; i < calls.length; i++) copyAll(calls[i]!.written, "out");
      }
    } catch (error) {
      throw reported(error);
    }
    return true;
  }

  /** Brings all memory to the heap, where it stays for now. Returns the address of the block, or -1. */
  private bring(): number {
    const { tier, block, regions, tables, scratch, scratchBytes } = this;
    const { heap } = tier.runtime;
    if (block === null) return -1;
    heap.begin();
    const start = heap.use(block.cell!, block);
    if (start < 0) return -1;
    for (let i = 0; i < regions.length; i++) if (!regions[i]!.bring(tier)) return -1;
    for (let i = 0; i < tables.length; i++) tables[i]!.region.moveTo(start + 4 * tables[i]!.at);
    if (scratchBytes > 0 && !scratch.moveTo(heap.scratch(scratchBytes))) return -1;
    return start;
  }

  /** Writes what has changed to the arguments, which begin at the word `start`. */
  private write(start: number): void {
    const { calls, regions, tables, scratch } = this;
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i]!;
      call.fill();
      if (haveChanged(call)) this.writeNumbers(call, start);
    }
    const { words } = this.tier.runtime;
    for (let i = 0; i < regions.length; i++) regions[i]!.link(words, start);
    for (let i = 0; i < tables.length; i++) tables[i]!.region.link(words, start);
    scratch.link(words, start);
  }

  private writeNumbers({ call, jobs, starts }: Placed, start: number): void {
    const { words, floats } = this.tier.runtime;
    if (call.kind === "map") {
      for (const [j, { numbers }] of jobs.entries()) {
        for (const { words: places, isInt, compute } of numbers) {
          const values = compute();
          const memory = isInt ? words : floats;
          for (let i = 0; i < places.length; i++) memory[start + starts[j]! + places[i]!] = values[i]!;
        }
      }
      return;
    }
    for (const [j, now] of wordsOf(this.tier, call).entries()) {
      const before = jobs[j]!.words;
      // Addresses are what they were.
      for (const [w, word] of now.entries()) {
        if (word !== before[w]) words[start + starts[j]! + w] = before[w] = word;
      }
    }
  }

  release(): void {
    this.block?.free();
    for (const region of this.regions) region.release();
  }
}
