import { internal } from "@thalweg/kernels";
import type { HeapArray, LinearMemory } from "../wasm/runtime/linear-memory";
import { Blocks, blockSize } from "./blocks";
import type { Collector } from "./collector";
import { mayCollect } from "./collector-use";

/** The number of bytes that kernels may read beyond the last element. */
const slack = 64;

const nothing = new Float32Array(0);

/** The milliseconds that it takes to write a byte back. Most of it is the cost of new memory. */
const writeBackCost = 2.5e-7;

/** The number of dead storages that a job may keep alive. */
const forgetEvery = 256;

/** The place of the elements of one large storage: in the heap, or for a while in an array of their own. */
export class Cell {
  readonly size: number;
  /** The address of the first element, in bytes; -1 while the elements are in an array. */
  address = -1;
  /** Place in the heap's ring. */
  slot = -1;
  /** Second chance: set by every use, cleared by the hand of the clock. */
  used = true;
  /** The number of the last kernel that used it. Cells of the current kernel stay. */
  pinned = 0;
  /** The owner of the elements; null unless there is a collector to ask. */
  owner: WeakRef<object> | null = null;
  /** Whether the elements are ints. */
  readonly isInt: boolean;
  private readonly heap: Heap;
  private view: HeapArray = nothing;

  constructor(heap: Heap, size: number, isInt: boolean) {
    this.heap = heap;
    this.size = size;
    this.isInt = isInt;
  }

  /** The elements. Callers must not keep the array, because elements move as the heap fills. */
  get array(): HeapArray {
    const { view } = this;
    // If memory has grown since, the view may be detached.
    if (view.length === this.size) return view;
    if (this.address < 0) throw internal("a tensor was used after its memory was freed");
    this.view = this.heap.viewOf(this);
    return this.view;
  }

  /** Frees the memory at once. */
  release(): void {
    if (this.address >= 0) this.heap.drop(this);
    this.view = nothing;
  }

  /** @internal The elements are in `array` from now on. */
  leave(array: HeapArray): void {
    this.address = -1;
    this.slot = -1;
    this.view = array;
  }

  /** @internal The elements are at `address` from now on. */
  enter(address: number, slot: number): void {
    this.address = address;
    this.slot = slot;
    this.used = true;
    this.view = nothing;
  }
}

/**
 * Linear memory as a cache over ordinary arrays. Cells are in it as long as there is room. Beyond that, cells that
 * were not used for a turn of the clock are written back to ordinary arrays, which the garbage collector owns. So a
 * program runs in bounded memory even if it never yields, and the engine can report none of its dead tensors. Dead
 * cells are freed without being written back where finalizers run, and where a {@link Collector} can be asked.
 */
export class Heap {
  private readonly memory: LinearMemory;
  private readonly blocks: Blocks;
  private readonly ring: Cell[] = [];
  private hand = 0;
  private kernel = 1;
  /** Bytes that cells may take; grows when a cell that was written back is used again. */
  private budget: number;
  private readonly limit: number;
  private scratchBlock = { address: -1, size: 0 };
  private readonly graves: FinalizationRegistry<Cell>;
  private findCollector: (() => Collector | null) | null;
  private collector: Collector | null = null;
  private watched = 0;
  /** Bytes that were taken since the collector was last asked. */
  private fresh = 0;
  /** The heap asks again only after this many bytes, because asking takes the time of several write-backs. */
  private patience: number;
  /** How often cells were written back, and brought in again. */
  readonly counts = { writeBacks: 0, returns: 0 };

  /**
   * @param start the first address that is free
   * @param budget bytes that cells may take at first
   * @param findCollector called when the budget is reached for the first time, unless the program refuses
   */
  constructor(
    memory: LinearMemory,
    start: number,
    budget: number,
    findCollector: (() => Collector | null) | null = null,
  ) {
    this.memory = memory;
    this.findCollector = findCollector;
    this.patience = budget / 4;
    this.limit = memory.maximum * 65536 - slack;
    this.budget = Math.min(budget, this.limit);
    this.blocks = new Blocks(Math.ceil(start / 64) * 64, this.limit);
    this.graves = new FinalizationRegistry((cell) => {
      if (cell.address >= 0) this.remove(cell);
    });
  }

  /** Bytes of blocks that are taken. */
  get bytes(): number {
    return this.blocks.taken;
  }

  /** Number of cells that are in linear memory. */
  get cells(): number {
    return this.ring.length;
  }

  /** Begins a kernel. Cells that are used from here on stay until the next kernel begins. */
  begin(): void {
    this.kernel++;
  }

  /** A cell for `size` elements with unspecified contents; null when there is no room. */
  allocate(size: number, isInt = false): Cell | null {
    const address = this.take(blockSize(4 * size));
    if (address < 0) return null;
    const cell = new Cell(this, size, isInt);
    cell.enter(address, this.ring.push(cell) - 1);
    return cell;
  }

  /** A cell whose elements are in an array for now. */
  adopt(array: HeapArray): Cell {
    const cell = new Cell(this, array.length, array instanceof Int32Array);
    cell.leave(array);
    return cell;
  }

  /** Frees the cell when its owner is collected. */
  watch(owner: object, cell: Cell): void {
    this.graves.register(owner, cell, cell);
    if (this.collector === null || !mayCollect()) return;
    cell.owner = new WeakRef(owner);
    // The engine keeps the target of a new reference alive until the job ends.
    if (++this.watched % forgetEvery === 0) this.collector.forget();
  }

  /** Brings a cell in for the current kernel. Returns its address, or -1 when there is no room. */
  use(cell: Cell, owner: object): number {
    cell.used = true;
    cell.pinned = this.kernel;
    if (cell.address >= 0) return cell.address;
    const { array } = cell;
    const address = this.take(blockSize(4 * cell.size));
    if (address < 0) return -1;
    this.counts.returns++;
    this.budget = Math.min(this.limit, this.budget + 4 * cell.size);
    this.memory.write(array, address);
    cell.enter(address, this.ring.push(cell) - 1);
    this.watch(owner, cell);
    return address;
  }

  /** Frees a cell that nothing needs any more. */
  drop(cell: Cell): void {
    this.graves.unregister(cell);
    this.remove(cell);
  }

  /** @internal */
  viewOf({ address, size, isInt }: Cell): HeapArray {
    const { buffer } = this.memory.memory;
    return isInt ? new Int32Array(buffer, address, size) : new Float32Array(buffer, address, size);
  }

  /** The address of memory for the current kernel, with unspecified contents, or -1. The next call reuses the memory. */
  scratch(bytes: number): number {
    const { scratchBlock } = this;
    if (bytes > scratchBlock.size) {
      if (scratchBlock.size > 0) this.blocks.give(scratchBlock.address, scratchBlock.size);
      const size = blockSize(bytes);
      const address = this.take(size);
      this.scratchBlock = { address, size: address < 0 ? 0 : size };
    }
    return this.scratchBlock.address;
  }

  /** Takes memory for good. Returns its address, or -1 when there is no room. */
  keep(bytes: number): number {
    return this.take(blockSize(bytes));
  }

  private take(size: number): number {
    this.fresh += size;
    if (this.blocks.taken + size > this.budget) this.dropDead();
    while (this.blocks.taken + size > this.budget && this.evict());
    let address = this.blocks.take(size);
    while (address < 0 && this.evict()) address = this.blocks.take(size);
    if (address < 0) return -1;
    if (this.memory.reach(this.blocks.reached + slack)) return address;
    this.blocks.give(address, size);
    return -1;
  }

  /** Frees cells that the collector finds dead, unless the program refuses, or asking has not been worth its time. */
  private dropDead(): void {
    if (!mayCollect()) return;
    if (this.findCollector !== null) {
      this.collector = this.findCollector();
      this.findCollector = null;
    }
    if (this.collector === null || this.fresh < this.patience) return;
    const { ring, blocks } = this;
    const [start, taken] = [performance.now(), blocks.taken];
    this.collector.collect();
    for (let i = ring.length - 1; i >= 0; i--) {
      const cell = ring[i]!;
      if (cell.owner !== null && cell.owner.deref() === undefined) this.drop(cell);
    }
    const saved = (taken - blocks.taken) * writeBackCost;
    this.patience = performance.now() - start < saved ? this.budget / 4 : 2 * this.patience;
    this.fresh = 0;
  }

  /** Writes back the next cell that has had its second chance; false when all are in use. */
  private evict(): boolean {
    for (let steps = 2 * this.ring.length; steps > 0; steps--) {
      if (this.hand >= this.ring.length) this.hand = 0;
      const cell = this.ring[this.hand]!;
      if (cell.pinned !== this.kernel && !cell.used) {
        const { array } = cell;
        this.drop(cell);
        cell.leave(array.slice());
        this.counts.writeBacks++;
        return true;
      }
      cell.used = false;
      this.hand++;
    }
    return false;
  }

  private remove(cell: Cell): void {
    this.blocks.give(cell.address, blockSize(4 * cell.size));
    cell.address = -1;
    const last = this.ring.pop()!;
    if (last !== cell) {
      last.slot = cell.slot;
      this.ring[cell.slot] = last;
    }
  }
}
