import type { DeviceMemory } from "../backend";
import type { Block } from "./block";

/** Bytes that may lie idle, whatever was in use. */
const least = 64 * 2 ** 20;

/** Bytes more in use than before, from which on the collector is told that there may be something for it. */
const growth = 64 * 2 ** 20;

/** Steps in which sizes of blocks go up, for each power of two. */
const steps = 8;

/** Sizes are few, so that blocks find a new owner; at most an eighth of one is wasted. */
export function blockSize(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / steps;
  return Math.ceil(bytes / step) * step;
}

/** Buffers, and those that wait for their next use. */
export class Pool {
  private readonly create: (bytes: number) => GPUBuffer;
  private readonly largest: number;
  private readonly idle = new Map<number, Block[]>();
  private count = 0;
  private live = 0;
  private pooled = 0;
  private peak = 0;
  /** Most bytes in use of late. */
  private recent = 0;
  /** Fewest bytes in use since the collector was last called. */
  private low = 0;
  /** Counts the buffers that were destroyed: caches that name them are then out of date. */
  destroyed = 0;

  constructor(create: (bytes: number) => GPUBuffer, largest: number) {
    this.create = create;
    this.largest = largest;
  }

  /**
   * A block for so many bytes, whatever is in it. It may have been given back by commands of a batch that
   * is still being recorded, unless `before` says which batch must not have it in use.
   */
  acquire(bytes: number, before = Number.POSITIVE_INFINITY): Block {
    const size = Math.min(blockSize(bytes), Math.max(bytes, this.largest));
    const idle = this.idle.get(size);
    let block: Block | undefined;
    if (idle !== undefined && idle.length > 0) {
      // Blocks are in the order in which they were given back.
      if (before === Number.POSITIVE_INFINITY) block = idle.pop();
      else if (idle[0]!.batch < before) block = idle.shift();
    }
    if (block === undefined) block = { id: this.count++, buffer: this.create(size), bytes: size, batch: 0 };
    else this.pooled -= size;
    this.live += size;
    this.peak = Math.max(this.peak, this.live);
    if (this.live - this.low > Math.max(growth, this.low / 2)) this.callCollector();
    return block;
  }

  /** The collector sees none of a device's memory. It sees this, which is never touched. */
  private callCollector(): void {
    this.low = this.live;
    new ArrayBuffer(growth);
  }

  /** Takes a block back, that commands of `batch` may still use. */
  release(block: Block, batch: number): void {
    block.batch = batch;
    this.live -= block.bytes;
    this.low = Math.min(this.low, this.live);
    this.pooled += block.bytes;
    const idle = this.idle.get(block.bytes);
    if (idle === undefined) this.idle.set(block.bytes, [block]);
    else idle.push(block);
  }

  /**
   * Gives back to the device what was in use once and has been idle for long; `batch` is the last one that was
   * submitted.
   */
  trim(batch: number): void {
    this.recent = Math.max(this.live, this.recent * 0.9999);
    const limit = Math.max(least, this.recent - this.live);
    if (this.pooled <= limit) return;
    for (const [size, idle] of [...this.idle].sort(([a], [b]) => b - a)) {
      while (this.pooled > limit && idle.length > 0 && idle[0]!.batch <= batch) {
        idle.shift()!.buffer.destroy();
        this.pooled -= size;
        this.destroyed++;
      }
    }
  }

  get memory(): DeviceMemory {
    return { liveBytes: this.live, pooledBytes: this.pooled, peakBytes: this.peak };
  }
}
