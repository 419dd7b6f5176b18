import { pageBytes, type WasmMemory, webAssembly } from "./platform";

/** Arrays of 32-bit elements, the only ones that kernels access. */
export type HeapArray = Float32Array | Int32Array;

/** The memory that all kernels access. It grows when needed, and nothing in it ever moves. */
export class LinearMemory {
  readonly memory: WasmMemory;
  /** The largest number of pages that it can have. */
  readonly maximum: number;
  /** Whether other threads can access it. */
  readonly shared: boolean;
  private views: { readonly words: Int32Array; readonly floats: Float32Array };

  constructor(initial: number, maximum: number, shared: boolean) {
    this.maximum = maximum;
    this.shared = shared;
    this.memory = new webAssembly!.Memory({ initial, maximum, shared });
    this.views = this.view();
  }

  /** The whole memory as integers. Callers must not keep the array, because memory that grows gets a new buffer. */
  get words(): Int32Array {
    return this.views.words;
  }

  /** The whole memory as floats. Callers must not keep the array. */
  get floats(): Float32Array {
    return this.views.floats;
  }

  /** Copies elements to an address. */
  write(elements: HeapArray, address: number): void {
    const { words, floats } = this;
    if (elements instanceof Int32Array) words.set(elements, address / 4);
    else floats.set(elements, address / 4);
  }

  /** Grows the memory to the address `end`, if it does not reach it yet; false when that is impossible. */
  reach(end: number): boolean {
    const bytes = this.memory.buffer.byteLength;
    if (end <= bytes) return true;
    const pages = Math.ceil((end - bytes) / pageBytes);
    const room = this.maximum - bytes / pageBytes;
    if (pages > room) return false;
    try {
      // Memory grows in large steps, because each costs a call to the system and new views.
      this.memory.grow(Math.min(room, Math.max(pages, bytes / pageBytes)));
      this.views = this.view();
      return true;
    } catch {
      return false;
    }
  }

  private view() {
    const { buffer } = this.memory;
    return { words: new Int32Array(buffer), floats: new Float32Array(buffer) };
  }
}
