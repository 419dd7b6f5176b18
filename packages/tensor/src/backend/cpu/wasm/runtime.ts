import type { Layout } from "../../../layout/layout";
import type { Assembler } from "./assembler";
import { pageBytes, type WasmMemory, webAssembly } from "./platform";

/**
 * A compiled kernel. It does the items `from` (included) to `to` (excluded) of a job whose arguments stand
 * in memory at the address `args`. Items are independent: any split among threads gives the same bits.
 */
export interface Kernel {
  readonly bytes: Uint8Array;
  readonly run: (args: number, from: number, to: number) => void;
}

/** Elements in linear memory: `address` is that of the storage's first one, in bytes. */
export interface Place {
  readonly address: number;
  readonly layout: Layout;
}

/** Address of the arguments of a job, and room for them in words of four bytes. */
export const argumentsAddress = 1024;
export const argumentWords = 768;

/** Memory below this belongs to the runtime. */
export const reservedBytes = argumentsAddress + 4 * argumentWords;

/** Runs kernels over one linear memory. */
export class Runtime {
  readonly memory: WasmMemory;
  private readonly maximum: number;
  private readonly shared: boolean;
  private views: { buffer: ArrayBufferLike; words: Int32Array; floats: Float32Array };

  constructor(initial: number, maximum: number, shared: boolean) {
    this.maximum = maximum;
    this.shared = shared;
    this.memory = new webAssembly!.Memory({ initial, maximum, shared });
    this.views = this.view();
  }

  /** The memory as integers; not to be kept, since memory that grows gets a new buffer. */
  get words(): Int32Array {
    if (this.views.buffer !== this.memory.buffer) this.views = this.view();
    return this.views.words;
  }

  /** The memory as floats; not to be kept. */
  get floats(): Float32Array {
    if (this.views.buffer !== this.memory.buffer) this.views = this.view();
    return this.views.floats;
  }

  private view() {
    const { buffer } = this.memory;
    return { buffer, words: new Int32Array(buffer), floats: new Float32Array(buffer) };
  }

  /** Compiles a module that exports `run(args, from, to)`. */
  compile(assembler: Assembler): Kernel {
    const bytes = assembler.encode(this.maximum, this.shared);
    const module = new webAssembly!.Module(bytes);
    const { exports } = new webAssembly!.Instance(module, { m: { m: this.memory } });
    return { bytes, run: exports.run as Kernel["run"] };
  }

  /** Address of at least `bytes` bytes, aligned to 64, that last until the kernel that asked is done. */
  scratch(bytes: number): number {
    const top = this.memory.buffer.byteLength - bytes;
    if (top < reservedBytes) this.memory.grow(Math.ceil(bytes / pageBytes));
    return (this.memory.buffer.byteLength - bytes) & ~63;
  }

  /**
   * Runs all items of a job whose arguments are written.
   *
   * @param cost nanoseconds that one item takes, about: says whether threads are worth waking
   */
  launch(kernel: Kernel, items: number, _cost: number): void {
    kernel.run(argumentsAddress, 0, items);
  }
}
