import type { DeviceMemory } from "@thalweg/kernels";
import type { Block, Memory } from "./block";

/** Bytes that may lie idle, whatever was in use. */
const least = 64 * 2 ** 20;

/** Bytes more in use than before, from which on the collector is told that there may be something for it. */
const growth = 64 * 2 ** 20;

/** Blocks up to this size are parts of one buffer, as long as there is room in it. */
const small = 2 ** 16;
const commonBytes = 2 ** 23;

/** Steps in which sizes of blocks go up, for each power of two. */
const steps = 8;

/** Sizes are few, so that blocks find a new owner; at most an eighth of one is wasted. */
function blockSize(bytes: number): number {
  if (bytes <= 2048) return 256 * Math.max(1, Math.ceil(bytes / 256));
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / steps;
  return Math.ceil(bytes / step) * step;
}

/** Which block is wanted. */
export interface Wish {
  /** A buffer of its own. */
  readonly whole?: boolean;
  /** One that commands of this batch and later ones do not use. */
  readonly before?: number;
}

/**
 * Room on the device, and what of it waits for its next use. Small blocks share a buffer: most kernels of
 * small tensors then have the same one, and need not be told which.
 */
export class Pool {
  private readonly create: (bytes: number) => GPUBuffer;
  private readonly largest: number;
  private readonly wholes = new Map<number, Block[]>();
  private readonly parts = new Map<number, Block[]>();
  private common: Memory | null = null;
  /** Bytes of the common buffer that were never used. */
  private rest = commonBytes;
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

  /** A block for so many bytes, with whatever is in it. */
  acquire(bytes: number, { whole = false, before }: Wish = {}): Block {
    const size = Math.min(blockSize(bytes), Math.max(bytes, this.largest));
    const isPart = !whole && size <= small;
    let block = isPart ? take(this.parts.get(size), before) : undefined;
    block ??= isPart ? this.part(size) : undefined;
    block ??= take(this.wholes.get(size), before);
    if (block === undefined) block = { memory: this.buffer(size), start: 0, bytes: size, batch: 0 };
    else this.pooled -= size;
    this.live += size;
    this.peak = Math.max(this.peak, this.live);
    if (this.live - this.low > Math.max(growth, this.low / 2)) this.callCollector();
    return block;
  }

  /** A part of the common buffer that was never used, if there is room. */
  private part(size: number): Block | undefined {
    if (this.rest < size) return undefined;
    if (this.common === null) {
      this.common = this.buffer(commonBytes);
      this.pooled += commonBytes;
    }
    const start = (commonBytes - this.rest) / 4;
    this.rest -= size;
    return { memory: this.common, start, bytes: size, batch: 0 };
  }

  private buffer(bytes: number): Memory {
    return { id: this.count++, buffer: this.create(bytes) };
  }

  /** The collector sees none of a device's memory. It sees this, which is never touched. */
  private callCollector(): void {
    this.low = this.live;
    try {
      new ArrayBuffer(growth);
    } catch {
      // Then it is at work already.
    }
  }

  /** Takes a block back, that commands of `batch` may still use. */
  release(block: Block, batch: number): void {
    block.batch = batch;
    this.live -= block.bytes;
    this.low = Math.min(this.low, this.live);
    this.pooled += block.bytes;
    const idle = block.memory === this.common ? this.parts : this.wholes;
    const same = idle.get(block.bytes);
    if (same === undefined) idle.set(block.bytes, [block]);
    else same.push(block);
  }

  /**
   * Gives back to the device what was in use once and has been idle for long; `batch` is the last one that was
   * submitted.
   */
  trim(batch: number): void {
    this.recent = Math.max(this.live, this.recent * 0.9999);
    const limit = Math.max(least, this.recent - this.live);
    if (this.pooled <= limit) return;
    for (const [size, idle] of [...this.wholes].sort(([a], [b]) => b - a)) {
      while (this.pooled > limit && idle.length > 0 && idle[0]!.batch <= batch) {
        idle.shift()!.memory.buffer.destroy();
        this.pooled -= size;
        this.destroyed++;
      }
    }
  }

  get memory(): DeviceMemory {
    return { liveBytes: this.live, pooledBytes: this.pooled, peakBytes: this.peak };
  }
}

/** The block that was given back last, or one that no command of `before` uses: they stand in that order. */
function take(idle: Block[] | undefined, before: number | undefined): Block | undefined {
  if (idle === undefined || idle.length === 0) return undefined;
  if (before === undefined) return idle.pop();
  return idle[0]!.batch < before ? idle.shift() : undefined;
}
