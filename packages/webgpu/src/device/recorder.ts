import { internal } from "@thalweg/kernels";
import type { Block, Memory } from "./block";
import type { Kernel } from "./kernel";

/** Arguments are kept here until the device has read them. */
const ringBytes = 2 ** 18;

/** Launches after which a batch is submitted, so that the device need not wait for the end of a task. */
const budget = 128;

/** More arguments than any kernel has. */
const mostArgumentBytes = 2 ** 14;

/**
 * Collects commands in batches. A batch is submitted when it has grown to the budget, when somebody wants
 * to read, and at the end of the task that began it.
 */
export class Recorder {
  /** Number of the batch that is being recorded. */
  batch = 1;
  /** Launches, submitted batches and compiled kernels so far. */
  readonly counts = { dispatches: 0, submits: 0, kernels: 0 };
  /** The ring of arguments. */
  readonly uniforms: GPUBuffer;
  private readonly device: GPUDevice;
  private readonly mostGroups: number;
  private readonly submitted: (batch: number) => void;
  private readonly words = new Uint32Array(ringBytes / 4);
  private readonly floats = new Float32Array(this.words.buffer);
  private readonly offset = new Uint32Array(1);
  private postponed: (() => void) | null = null;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private pipeline: GPUComputePipeline | null = null;
  private launches = 0;
  /** Bytes of the ring: where the arguments of this batch start, where those of the next launch do. */
  private start = 0;
  private next = 0;
  /** Where the next argument goes. */
  private place = 0;

  constructor(device: GPUDevice, submitted: (batch: number) => void) {
    this.device = device;
    this.submitted = submitted;
    this.mostGroups = device.limits.maxComputeWorkgroupsPerDimension;
    this.uniforms = device.createBuffer({ size: ringBytes, usage: 0x40 | 0x8 }); // uniform, copied to
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

  /** Does `launch` before anything else is recorded, but not yet. */
  postpone(launch: () => void): void {
    this.settle();
    this.postponed = launch;
    this.begin();
  }

  /** Does what was postponed. */
  settle(): void {
    const launch = this.postponed;
    this.postponed = null;
    launch?.();
  }

  /**
   * Launches a kernel on these buffers, with the arguments that were given since the last launch: for so many
   * threads, or workgroups.
   */
  dispatch(
    { pipeline, layout, threads, fields }: Kernel,
    memories: readonly Memory[],
    count: number,
    grouped = false,
  ): void {
    if (this.postponed !== null) this.settleBeforeArguments();
    const given = this.place - this.next / 4;
    this.place = this.next / 4;
    if (given !== fields) throw internal(`a kernel with ${fields} arguments was given ${given}`);
    const group = layout.group(memories);
    const pass = this.pass ?? this.open();
    if (this.pipeline !== pipeline) pass.setPipeline((this.pipeline = pipeline));
    this.offset[0] = this.next;
    pass.setBindGroup(0, group, this.offset, 0, 1);
    const groups = grouped ? count : Math.ceil(count / threads);
    const rows = Math.ceil(groups / this.mostGroups);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    this.next += layout.bytes;
    this.place = this.next / 4;
    this.counts.dispatches++;
    if (++this.launches === budget || this.next > ringBytes - mostArgumentBytes) this.submit();
  }

  copy(from: Block, fromByte: number, to: Block, toByte: number, bytes: number): void {
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

  /** Hands over what was recorded. */
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

  /** The arguments that were already given move behind those of what was postponed. */
  private settleBeforeArguments(): void {
    const given = this.words.slice(this.next / 4, this.place);
    this.place = this.next / 4;
    this.settle();
    this.words.set(given, this.place);
    this.place += given.length;
  }

  /** The encoder, outside of a pass. */
  private between(): GPUCommandEncoder {
    this.settle();
    const encoder = this.begin();
    this.pass?.end();
    this.pass = this.pipeline = null;
    return encoder;
  }
}
