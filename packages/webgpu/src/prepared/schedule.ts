import type { Memory } from "../device/block";
import type { Binding } from "../device/kernel";
import type { Launch } from "../device/recorder";
import { threads } from "../wgsl/workgroup";
import { sharedBytes } from "./merged-kernel";

/** A launch, and the launches that have to be done before it, by their numbers. */
export interface Task {
  readonly launch: Launch;
  readonly before: ReadonlySet<number>;
}

/** What a device can do in one dispatch. */
export interface Limits {
  /** Storage buffers of a kernel. */
  readonly buffers: number;
  /** Bytes of the memory of a workgroup. */
  readonly shared: number;
  /** Whether a branch that no thread of a workgroup takes costs nothing. */
  readonly skipsBranches: boolean;
}

/** One workgroup computes launches of up to this work one after another, and all of them up to the total. */
const small = { work: 2 ** 13, total: 2 ** 16 };

/** Launches and arguments of one kernel, at most: longer ones compile slowly. */
const most = { launches: 32, words: 2 ** 11 };

/** A kernel has this many workgroups at most if each pays for the branches of the others. */
const few = 64;

/** Launches that one workgroup computes, one after another; or a single one, by as many workgroups as it has. */
export type Strand = readonly number[];

/** Number of workgroups that a launch takes in a kernel with others. */
export function groupsOf({ count, isGrouped }: Launch): number {
  return isGrouped ? count : Math.ceil(count / threads);
}

const isSmall = ({ work }: Launch) => work <= small.work;

/** Launches of one dispatch. */
class Wave {
  strands: Strand[] = [];
  /** The strand of each launch. */
  readonly homes = new Map<number, Strand>();
  private readonly tasks: readonly Task[];
  private readonly limits: Limits;
  /** The types with which each buffer is bound, and whether only small launches bind it. */
  private readonly memories = new Map<
    Memory,
    { readonly type: Binding["type"]; readonly isSmall: boolean }
  >();
  private words = 0;
  /** Bytes of the memory of a workgroup, for each of its declarations. */
  private shared = new Map<string, number>();

  constructor(tasks: readonly Task[], limits: Limits) {
    this.tasks = tasks;
    this.limits = limits;
  }

  /** Adds a launch that needs these of the wave to be done, if it can. */
  add(number: number, needed: readonly number[]): boolean {
    const { launch } = this.tasks[number]!;
    const before = [...new Set(needed.map((other) => this.homes.get(other)!))];
    const joined = this.strandFor(launch, before);
    if (joined === null || !this.admits(launch)) return false;
    this.bind(launch);
    const strand = [...joined.flat(), number].sort((a, b) => a - b);
    this.strands = this.strands.filter((other) => !joined.includes(other));
    this.strands.push(strand);
    for (const each of strand) this.homes.set(each, strand);
    return true;
  }

  /** The strands that become one with a launch at its end; null if it cannot come after these. */
  private strandFor(launch: Launch, before: readonly Strand[]): readonly Strand[] | null {
    const launchOf = (number: number) => this.tasks[number]!.launch;
    const areSmall = (strand: Strand) => strand.every((number) => isSmall(launchOf(number)));
    if (!isSmall(launch)) return before.length === 0 ? [] : null;
    if (!before.every(areSmall)) return null;
    // Where all workgroups pay for all strands, there had better be few.
    const others = this.limits.skipsBranches ? [] : this.strands.filter(areSmall);
    for (const joined of [[...new Set([...before, ...others])], before]) {
      const work = joined.flat().reduce((sum, number) => sum + launchOf(number).work, launch.work);
      if (work <= small.total) return joined;
    }
    return null;
  }

  private admits({ kernel, memories, words, work }: Launch): boolean {
    const { limits } = this;
    if (this.homes.size === 0) return true;
    if (this.homes.size === most.launches || this.words + words.length > most.words) return false;
    const isLarge = work > small.work;
    let buffers = this.memories.size;
    for (const [k, memory] of memories.entries()) {
      const known = this.memories.get(memory);
      if (known === undefined) buffers++;
      else if (
        known.type !== kernel.text.bindings[k]!.type &&
        !memory.isShared &&
        (isLarge || !known.isSmall)
      )
        return false;
    }
    const shared = new Map([...this.shared, ...sharedBytes(kernel.text)]);
    const bytes = [...shared.values()].reduce((sum, each) => sum + each, 0);
    return buffers <= limits.buffers && bytes <= limits.shared;
  }

  private bind({ kernel, memories, words, work }: Launch): void {
    this.words += words.length + 1;
    this.shared = new Map([...this.shared, ...sharedBytes(kernel.text)]);
    for (const [k, memory] of memories.entries()) {
      const type = kernel.text.bindings[k]!.type;
      const isSmall = work <= small.work && this.memories.get(memory)?.isSmall !== false;
      this.memories.set(memory, { type, isSmall });
    }
  }
}

/** Whether a launch is a kernel by itself. */
function isAlone(launch: Launch, { skipsBranches }: Limits): boolean {
  const { kernel, isGrouped } = launch;
  if (isSmall(launch) && !(isGrouped && kernel.threads !== threads)) return false;
  return kernel.threads !== threads || (!skipsBranches && groupsOf(launch) > few);
}

/**
 * Groups launches into few dispatches, each of strands that do not depend on each other. What a launch needs is in a dispatch
 * before its own, or before it in its strand. Launches for which a device is there as a whole come first, so that those that
 * can share a dispatch are together.
 */
export function schedule(tasks: readonly Task[], limits: Limits): readonly (readonly Strand[])[] {
  const waves: (readonly Strand[])[] = [];
  const done = new Set<number>();
  let rest = [...tasks.keys()];
  while (rest.length > 0) {
    const isReady = (number: number) => [...tasks[number]!.before].every((other) => done.has(other));
    const alone = rest.find((number) => isReady(number) && isAlone(tasks[number]!.launch, limits));
    const wave = new Wave(tasks, limits);
    for (const number of alone === undefined ? rest : [alone]) {
      if (alone === undefined && isAlone(tasks[number]!.launch, limits)) continue;
      const needed = [...tasks[number]!.before].filter((other) => !done.has(other));
      if (needed.every((other) => wave.homes.has(other))) wave.add(number, needed);
    }
    for (const number of wave.homes.keys()) done.add(number);
    rest = rest.filter((number) => !done.has(number));
    waves.push(wave.strands);
  }
  return waves;
}
