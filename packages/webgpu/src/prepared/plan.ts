import type { Block, Memory } from "../device/block";
import type { Gpu } from "../device/gpu";
import type { Kernel } from "../device/kernel";
import type { Launch } from "../device/recorder";
import type { CapturedCall } from "./captured-call";
import { type Merged, mergedKernel } from "./merged-kernel";
import { groupsOf, schedule, type Task } from "./schedule";

interface Dispatch {
  /** The launches that it makes, in the order of their arguments. */
  readonly order: readonly number[];
  /** Null where it is a single launch as it was captured. */
  readonly merged: { readonly kernel: Kernel; readonly sources: Merged["sources"] } | null;
  /** Number of workgroups. */
  readonly groups: number;
}

/** The dispatches that do what captured calls do, for calls that share memory in one way. */
export class Plan {
  private readonly dispatches: readonly Dispatch[];

  constructor(gpu: Gpu, calls: readonly CapturedCall[]) {
    const tasks = tasksOf(calls);
    const launches = tasks.map(({ launch }) => launch);
    const limits = {
      buffers: gpu.mostBuffers,
      shared: gpu.device.limits.maxComputeWorkgroupStorageSize,
      skipsBranches: gpu.hasSharedMemory,
    };
    this.dispatches = schedule(tasks, limits).map((strands): Dispatch => {
      const order = strands.flat();
      const groups = strands.reduce(
        (sum, strand) => sum + (strand.length === 1 ? groupsOf(launches[strand[0]!]!) : 1),
        0,
      );
      if (order.length === 1) return { order, merged: null, groups };
      const { text, sources } = mergedKernel(launches, strands);
      return { order, merged: { kernel: gpu.kernel(text), sources }, groups };
    });
  }

  /** Records the dispatches. */
  run({ recorder }: Gpu, launches: readonly Launch[]): void {
    for (const { order, merged, groups } of this.dispatches) {
      if (merged === null) {
        const { kernel, memories, words, count, isGrouped } = launches[order[0]!]!;
        recorder.append(words);
        recorder.dispatch(kernel, memories, count, isGrouped);
        continue;
      }
      for (let k = 0; k < order.length; k++) {
        const launch = launches[order[k]!]!;
        recorder.u32(groupsOf(launch));
        recorder.append(launch.words);
      }
      const { kernel, sources } = merged;
      const memories = sources.map(({ launch, slot }) => launches[launch]!.memories[slot]!);
      recorder.dispatch(kernel, memories, groups, true);
    }
  }
}

/** The launches of calls, each with those that have to be done before. */
function tasksOf(calls: readonly CapturedCall[]): Task[] {
  const tasks: Task[] = [];
  /** The launches that wrote a block last, and those that have read it since. */
  const uses = new Map<Block, { writers: readonly number[]; readers: number[] }>();
  for (const { blocks, written, launches } of calls) {
    const before = new Set<number>();
    for (const [k, block] of blocks.entries()) {
      const known = uses.get(block);
      for (const number of known?.writers ?? []) before.add(number);
      if (k < written) for (const number of known?.readers ?? []) before.add(number);
    }
    const own: number[] = [];
    for (const launch of launches) own.push(tasks.push({ launch, before: new Set([...before, ...own]) }) - 1);
    for (const [k, block] of blocks.entries()) {
      if (k < written) uses.set(block, { writers: own, readers: [] });
      else {
        const known = uses.get(block) ?? { writers: [], readers: [] };
        known.readers.push(...own);
        uses.set(block, known);
      }
    }
  }
  return tasks;
}

/** Tells apart calls that need different plans: by their kernels, and by which of them share buffers and blocks. */
export function signatureOf(calls: readonly CapturedCall[]): string {
  const signature: number[] = [];
  const numbers = new Map<Memory | Block, number>();
  const numberOf = (shared: Memory | Block) => {
    let number = numbers.get(shared);
    if (number === undefined) numbers.set(shared, (number = numbers.size));
    return number;
  };
  for (const { blocks, launches, isCaptured } of calls) {
    signature.push(isCaptured ? 1 : 0);
    for (let k = 0; k < blocks.length; k++) signature.push(numberOf(blocks[k]!));
    for (let k = 0; k < launches.length; k++) {
      const { kernel, memories } = launches[k]!;
      signature.push(-1 - kernel.id);
      for (let m = 0; m < memories.length; m++) signature.push(numberOf(memories[m]!));
    }
  }
  return signature.join();
}
