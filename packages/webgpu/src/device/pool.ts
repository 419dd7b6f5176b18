import type { DeviceMemory } from "@thalweg/kernels";
import type { Block, Memory } from "./block";

/** Bytes that may always be idle. */
const least = 64 * 2 ** 20;

/** Growth of live memory, in bytes, that prompts the garbage collector. */
const growth = 64 * 2 ** 20;

/** Blocks up to this many bytes share one buffer while it has room. */
const small = 2 ** 16;
const commonBytes = 2 ** 23;

/** Number of block sizes between one power of two and the next. */
const steps = 8;

/** Rounds a size up. Few sizes let blocks be reused; at most an eighth of one above 2 KiB is wasted. */
function blockSize(bytes: number): number {
  if (bytes <= 2048) return 256 * Math.max(1, Math.ceil(bytes / 256));
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / steps;
  return Math.ceil(bytes / step) * step;
}

/** Requirements for a block. */
export interface Wish {
  /** The block is a whole buffer; false unless given. */
  readonly whole?: boolean;
  /** Neither this batch of commands nor a later one uses the block. */
  readonly before?: number;
}

/**
 * Memory of the device, and the blocks of it that wait to be reused. Small blocks share a buffer, so that most kernels
 * of small tensors use the same bind group.
 */
export class Pool {
  private readonly create: (bytes: number) => GPUBuffer;
  private readonly largest: number;
  private readonly wholes = new Map<number, Block[]>();
  private readonly parts = new Map<number, Block[]>();
  private common: Memory | null = null;
  /** Bytes of the common buffer that have never been used. */
  private rest = commonBytes;
  private count = 0;
  private live = 0;
  private pooled = 0;
  private peak = 0;
  /** Peak of live bytes, which decays slowly. */
  private recent = 0;
  /** Fewest live bytes since the collector was last prompted. */
  private low = 0;
  /** Number of destroyed buffers. A cache of bind groups is out of date when it has changed. */
  destroyed = 0;

  constructor(create: (bytes: number) => GPUBuffer, largest: number) {
    this.create = create;
    this.largest = largest;
  }

  /** Returns a block of at least `bytes` bytes. Its contents are arbitrary. */
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

  /** A part of the common buffer that has never been used, if there is room. */
  private part(size: number): Block | undefined {
    if (this.rest < size) return undefined;
    if (this.common === null) {
      this.common = this.buffer(commonBytes, true);
      this.pooled += commonBytes;
    }
    const start = (commonBytes - this.rest) / 4;
    this.rest -= size;
    return { memory: this.common, start, bytes: size, batch: 0 };
  }

  private buffer(bytes: number, isShared = false): Memory {
    return { id: this.count++, buffer: this.create(bytes), isShared };
  }

  /** Prompts the collector, which cannot see GPU memory, by allocating an array of `growth` bytes that is never touched. */
  private callCollector(): void {
    this.low = this.live;
    try {
      new ArrayBuffer(growth);
    } catch {
      // If the allocation fails, the collector has already run.
    }
  }

  /** Returns a block to the pool. Commands of `batch` may still use it. */
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
   * Destroys buffers that have been idle for long. `batch` is the last batch that was submitted; buffers of later ones
   * are kept.
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

/** Takes the last released block, or the first one if `before` is given. Blocks are in the order of their release. */
function take(idle: Block[] | undefined, before: number | undefined): Block | undefined {
  if (idle === undefined || idle.length === 0) return undefined;
  if (before === undefined) return idle.pop();
  return idle[0]!.batch < before ? idle.shift() : undefined;
}
