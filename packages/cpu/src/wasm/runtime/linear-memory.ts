import { pageBytes, type WasmMemory, webAssembly } from "./platform";

/** Elements that take 32 bits each, as all do that kernels see. */
export type HeapArray = Float32Array | Int32Array;

/** The one memory that kernels see. It grows as it is needed; nothing in it ever moves. */
export class LinearMemory {
  readonly memory: WasmMemory;
  /** Most pages it can have. */
  readonly maximum: number;
  /** Whether other threads can see it. */
  readonly shared: boolean;
  private views: { readonly words: Int32Array; readonly floats: Float32Array };

  constructor(initial: number, maximum: number, shared: boolean) {
    this.maximum = maximum;
    this.shared = shared;
    this.memory = new webAssembly!.Memory({ initial, maximum, shared });
    this.views = this.view();
  }

  /** All of it as integers; not to be kept, since memory that grows gets a new buffer. */
  get words(): Int32Array {
    return this.views.words;
  }

  /** All of it as floats; not to be kept. */
  get floats(): Float32Array {
    return this.views.floats;
  }

  /** Copies elements to an address. */
  write(elements: HeapArray, address: number): void {
    const { words, floats } = this;
    if (elements instanceof Int32Array) words.set(elements, address / 4);
    else floats.set(elements, address / 4);
  }

  /** Makes sure that there is memory up to the address `end`; false when it cannot be had. */
  reach(end: number): boolean {
    const bytes = this.memory.buffer.byteLength;
    if (end <= bytes) return true;
    const pages = Math.ceil((end - bytes) / pageBytes);
    const room = this.maximum - bytes / pageBytes;
    if (pages > room) return false;
    try {
      // In large steps, since growing costs a call to the system and new views.
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
