import { collapse, forEachOuter, type Layout, type Storage, type View } from "@thalweg/kernels";
import type { Accelerator } from "../accelerator";
import { type CpuStorage, minHeapSize } from "../storage";

/** Memory, and the words among arguments that are addresses in it. */
export class Region {
  private readonly words: number[] = [];
  private readonly offsets: number[] = [];
  /** The address when the words were written last. */
  private address = 0;
  private isMoved = false;

  /** Adds a word, which would be `offset` if the memory began at 0. */
  add(word: number, offset: number): void {
    this.words.push(word);
    this.offsets.push(offset);
  }

  /** The memory begins at an address; returns whether it is one. */
  moveTo(address: number): boolean {
    this.isMoved ||= address !== this.address;
    this.address = address;
    return address >= 0;
  }

  /** Writes the words if the memory has moved. Those of the arguments begin at `start`. */
  link(memory: Int32Array, start: number): void {
    if (!this.isMoved) return;
    const { words, offsets, address } = this;
    for (let i = 0; i < words.length; i++) memory[start + words[i]!] = address + offsets[i]!;
    this.isMoved = false;
  }
}

/** A storage in the heap that stays until it is freed, also after the scope in which it was made; null if there is no room. */
export function allocateKept(
  { allocate }: Accelerator,
  { backend, dtype, size }: Pick<Storage, "backend" | "dtype" | "size">,
): CpuStorage | null {
  const storage = allocate(backend, dtype, size);
  storage?.retain();
  return storage;
}

/** The elements of a layout as runs of neighbours, all of one length. */
interface Runs {
  readonly starts: readonly number[];
  readonly length: number;
}

function runsOf(layout: Layout): Runs {
  const loops = collapse(layout.shape, [layout]);
  const isDense = loops.strides[0]!.at(-1) === 1;
  const starts: number[] = [];
  forEachOuter(loops, isDense ? 1 : 0, ([start]) => starts.push(start!));
  return { starts, length: isDense ? loops.extents.at(-1)! : 1 };
}

/** The memory of the storage that a view has. A small array is copied to the heap while a job runs. */
export class ViewRegion extends Region {
  private readonly view: View;
  private runs: Runs | undefined;
  private stage: CpuStorage | null = null;
  private isStaged = false;

  constructor(view: View) {
    super();
    this.view = view;
  }

  private get storage(): CpuStorage {
    return this.view.storage as CpuStorage;
  }

  /** Brings the elements to the heap; returns whether there is room. */
  bring(tier: Accelerator): boolean {
    const { heap } = tier.runtime;
    let { storage } = this;
    this.isStaged = storage.cell === null && storage.size < minHeapSize;
    if (this.isStaged) {
      this.stage ??= allocateKept(tier, storage);
      if (this.stage === null) return false;
      storage = this.stage;
    }
    return this.moveTo(heap.use(storage.adopt(heap), storage));
  }

  copyIn(): void {
    if (this.isStaged) this.stage!.array.set(this.storage.array);
  }

  /** Others may write other elements of the storage at the same time, also between those of the view. */
  copyOut(): void {
    if (!this.isStaged) return;
    this.runs ??= runsOf(this.view.layout);
    const { starts, length } = this.runs;
    const [from, to] = [this.stage!.array, this.storage.array];
    for (let r = 0; r < starts.length; r++) {
      const start = starts[r]!;
      for (let i = start; i < start + length; i++) to[i] = from[i]!;
    }
  }

  release(): void {
    this.stage?.free();
  }
}
