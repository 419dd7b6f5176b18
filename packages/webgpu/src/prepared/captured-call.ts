import { execute, type KernelCall, operandsOf, readBy, writtenBy } from "@thalweg/kernels";
import type { Block } from "../device/block";
import type { Gpu } from "../device/gpu";
import type { Launch } from "../device/recorder";
import { blockOf } from "../device/storage";

/** A call, and the launches that it makes with the storages and numbers that it has now. */
export class CapturedCall {
  readonly call: KernelCall;
  /** The blocks of the views, those that are written first. */
  readonly blocks: Block[] = [];
  /** Number of blocks that are written. */
  readonly written: number;
  /** Whether it consists of launches alone. Otherwise it has to be executed. */
  isCaptured = false;
  launches: readonly Launch[] = [];
  private scratch: readonly Block[] = [];
  private readonly views: ReturnType<typeof readBy>;
  /** The operands or arguments of the call, whose numbers may change. */
  private readonly values: readonly unknown[];
  private readonly numbers: number[] = [];

  constructor(call: KernelCall) {
    this.call = call;
    const written = writtenBy(call);
    this.written = written.length;
    this.views = [...written, ...readBy(call)];
    this.values = "args" in call ? call.args : operandsOf(call);
  }

  /** Whether a storage or a number has changed since the call was captured. */
  get isStale(): boolean {
    const { views, blocks, values, numbers } = this;
    if (blocks.length < views.length) return true;
    for (let i = 0; i < views.length; i++) if (blockOf(views[i]!) !== blocks[i]) return true;
    for (let i = 0, k = 0; i < values.length; i++)
      if (typeof values[i] === "number" && !Object.is(values[i], numbers[k++])) return true;
    return false;
  }

  /** Captures the call as it is now. */
  capture(gpu: Gpu): void {
    const { call, views, values, blocks, numbers, scratch } = this;
    // What throws is stale.
    blocks.length = 0;
    const captured = isDrawnByHost(call) ? null : gpu.capture(() => execute(call));
    for (const block of scratch) gpu.release(block);
    for (let i = 0; i < views.length; i++) blocks[i] = blockOf(views[i]!);
    for (let i = 0, k = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "number") numbers[k++] = value;
    }
    this.isCaptured = captured !== null;
    this.launches = captured?.launches ?? [];
    this.scratch = captured?.scratch ?? [];
  }

  /** Gives back the memory of its launches. */
  release(gpu: Gpu): void {
    for (const block of this.scratch) gpu.release(block);
    this.scratch = [];
    this.blocks.length = 0;
  }
}

/** Whether the host computes the elements, and uploads them. */
function isDrawnByHost(call: KernelCall): boolean {
  return call.kind === "random" && call.args[0] === "normal";
}
