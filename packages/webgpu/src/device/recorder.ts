import { internal } from "@thalweg/kernels";
import type { Block, Memory } from "./block";
import type { Kernel } from "./kernel";

/** Bytes of the ring that keeps arguments until the device has read them. */
const ringBytes = 2 ** 18;

/** Number of launches after which a batch is submitted, so that the device starts before the task ends. */
const budget = 128;

/** An upper bound of the bytes of a kernel's arguments. */
const mostArgumentBytes = 2 ** 14;

/** A launch of a kernel that was captured instead of being recorded. */
export interface Launch {
  readonly kernel: Kernel;
  readonly memories: readonly Memory[];
  /** The arguments. */
  readonly words: Uint32Array;
  /** Number of threads, or of workgroups if `isGrouped`. */
  readonly count: number;
  readonly isGrouped: boolean;
  /** About how many elements and terms all threads compute together. */
  readonly work: number;
}

/**
 * Collects commands in batches. A batch is submitted when it reaches the budget, when something is read, and at the
 * end of the task that began it.
 */
export class Recorder {
  /** Number of the batch that is being recorded. */
  batch = 1;
  /** Launches, submitted batches and compiled kernels so far. */
  readonly counts = { dispatches: 0, submits: 0, kernels: 0 };
  /** The ring buffer of arguments. */
  readonly uniforms: GPUBuffer;
  private readonly device: GPUDevice;
  private readonly mostGroups: number;
  private readonly submitted: (batch: number) => void;
  private readonly words = new Uint32Array(ringBytes / 4);
  private readonly floats = new Float32Array(this.words.buffer);
  private readonly offset = new Uint32Array(1);
  private postponed: (() => void) | null = null;
  private captured: Launch[] | null = null;
  private hasCopied = false;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private pipeline: GPUComputePipeline | null = null;
  private launches = 0;
  /** Byte offset in the ring of the arguments of this batch, and (`next`) of those of the next launch. */
  private start = 0;
  private next = 0;
  /** Index of the word for the next argument. */
  private place = 0;

  constructor(device: GPUDevice, submitted: (batch: number) => void) {
    this.device = device;
    this.submitted = submitted;
    this.mostGroups = device.limits.maxComputeWorkgroupsPerDimension;
    this.uniforms = device.createBuffer({ size: ringBytes, usage: 0x40 | 0x8 }); // UNIFORM | COPY_DST
  }

  u32(value: number): void {
    this.words[this.place++] = value;
  }

  i32(value: number): void {
    this.words[this.place++] = value;
  }

  f32(value: number): void {
    this.floats[this.place++] = value;
  }

  /** Defers `launch` until just before something else is recorded. */
  postpone(launch: () => void): void {
    this.settle();
    this.postponed = launch;
    this.begin();
  }

  /** Runs the postponed launch, if there is one. */
  settle(): void {
    const launch = this.postponed;
    this.postponed = null;
    launch?.();
  }

  /** Adds arguments that were captured. */
  append(words: Uint32Array): void {
    this.words.set(words, this.place);
    this.place += words.length;
  }

  /** The launches that `record` makes, which are not recorded. Null if it makes copies, too. */
  capture(record: () => void): Launch[] | null {
    this.settle();
    const launches: Launch[] = [];
    this.captured = launches;
    this.hasCopied = false;
    try {
      record();
      this.settle();
    } finally {
      this.captured = null;
      this.place = this.next / 4;
    }
    return this.hasCopied ? null : launches;
  }

  /**
   * Dispatches a kernel on these buffers, with the arguments that were written since the last dispatch.
   *
   * @param count number of threads, or of workgroups if `isGrouped`
   * @param work about how many elements and terms all threads compute together
   */
  dispatch(
    kernel: Kernel,
    memories: readonly Memory[],
    count: number,
    isGrouped = false,
    work = count,
  ): void {
    if (this.postponed !== null) this.settleBeforeArguments();
    const first = this.next / 4;
    const given = this.place - first;
    this.place = first;
    if (given !== kernel.fields)
      throw internal(`a kernel with ${kernel.fields} arguments was given ${given}`);
    if (this.captured === null)
      this.record(kernel, memories, isGrouped ? count : Math.ceil(count / kernel.threads));
    else {
      const words = this.words.slice(first, first + given);
      this.captured.push({ kernel, memories, words, count, isGrouped, work });
    }
  }

  private record({ pipeline, layout }: Kernel, memories: readonly Memory[], groups: number): void {
    const group = layout.group(memories);
    const pass = this.pass ?? this.open();
    if (this.pipeline !== pipeline) pass.setPipeline((this.pipeline = pipeline));
    this.offset[0] = this.next;
    pass.setBindGroup(0, group, this.offset, 0, 1);
    const rows = Math.ceil(groups / this.mostGroups);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    this.next += layout.bytes;
    this.place = this.next / 4;
    this.counts.dispatches++;
    if (++this.launches === budget || this.next > ringBytes - mostArgumentBytes) this.submit();
  }

  copy(from: Block, fromByte: number, to: Block, toByte: number, bytes: number): void {
    if (this.captured !== null) {
      this.hasCopied = true;
      return;
    }
    const [source, target] = [from.memory.buffer, to.memory.buffer];
    this.between().copyBufferToBuffer(
      source,
      4 * from.start + fromByte,
      target,
      4 * to.start + toByte,
      bytes,
    );
  }

  clear({ memory, start, bytes }: Block): void {
    this.between().clearBuffer(memory.buffer, 4 * start, bytes);
  }

  /** Submits the recorded commands. */
  submit(): void {
    this.settle();
    const { encoder, device } = this;
    if (encoder === null) return;
    this.pass?.end();
    if (this.next > this.start) {
      device.queue.writeBuffer(
        this.uniforms,
        this.start,
        this.words,
        this.start / 4,
        (this.next - this.start) / 4,
      );
    }
    device.queue.submit([encoder.finish()]);
    this.encoder = this.pass = this.pipeline = null;
    this.launches = 0;
    if (this.next > ringBytes / 2) this.next = this.place = 0;
    this.start = this.next;
    this.counts.submits++;
    this.submitted(this.batch++);
  }

  private begin(): GPUCommandEncoder {
    if (this.encoder === null) {
      this.encoder = this.device.createCommandEncoder();
      const { batch } = this;
      queueMicrotask(() => {
        if (this.batch === batch) this.submit();
      });
    }
    return this.encoder;
  }

  private open(): GPUComputePassEncoder {
    this.pass = this.begin().beginComputePass();
    return this.pass;
  }

  /** Runs the postponed launch, and moves the arguments that were already written behind its own. */
  private settleBeforeArguments(): void {
    const given = this.words.slice(this.next / 4, this.place);
    this.place = this.next / 4;
    this.settle();
    this.words.set(given, this.place);
    this.place += given.length;
  }

  /** Ends the pass, and returns the encoder for a command outside of passes. */
  private between(): GPUCommandEncoder {
    this.settle();
    const encoder = this.begin();
    this.pass?.end();
    this.pass = this.pipeline = null;
    return encoder;
  }
}
