/// <reference types="@webgpu/types" />
import { DeviceError, formatShape, newTier, type Shape } from "@thalweg/kernels";
import type { Block } from "./block";
import { Faults } from "./faults";
import { IndexFaults } from "./index-faults";
import { GroupLayout, Kernel, type KernelText, moduleText, plainName } from "./kernel";
import { Pool, type Wish } from "./pool";
import { Reads } from "./reads";
import { type Launch, Recorder } from "./recorder";
import type { Slots } from "./slots";

/** Usage flags of the buffers of tensors: `STORAGE | COPY_SRC | COPY_DST`. */
const usage = 0x80 | 0x4 | 0x8;

/** Pipelines that are kept for kernels with the same text, at most. */
const mostPipelines = 512;

/** Launches that were captured. */
export interface Capture {
  readonly launches: readonly Launch[];
  /** Blocks that nothing but these launches uses. */
  readonly scratch: readonly Block[];
}

/** A device, and everything that has its lifetime. */
export class Gpu {
  readonly device: GPUDevice;
  readonly recorder: Recorder;
  readonly pool: Pool;
  readonly faults: Faults;
  readonly indexFaults: IndexFaults;
  readonly reads: Reads;
  /** The index at which programs keep their kernels for this device. */
  readonly tier: number = newTier();
  /** Size limit of a tensor in bytes. */
  readonly largest: number;
  /** Largest number of storage buffers of a kernel. */
  readonly mostBuffers: number;
  readonly hasSharedMemory: boolean;
  private readonly layouts = new Map<string, GroupLayout>();
  private readonly kernels = new Map<string, Kernel>();
  /** Pipelines by the text of their modules, the oldest first. */
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private destroyed = 0;
  private made = 0;
  /** The blocks that were released while launches are captured; null while none are. */
  private scratch: Block[] | null = null;
  /** Shape of the tensor that is being allocated, for errors. */
  private wanted: Shape = [];

  /** @param hasSharedMemory whether workgroup memory and barriers are fast; false on a device that is a CPU. */
  constructor(device: GPUDevice, hasSharedMemory: boolean) {
    this.device = device;
    this.hasSharedMemory = hasSharedMemory;
    const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = device.limits;
    this.largest = 16 * Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / 16);
    this.mostBuffers = maxStorageBuffersPerShaderStage;
    this.faults = new Faults(device);
    this.pool = new Pool((bytes) => this.create(bytes), this.largest);
    this.recorder = new Recorder(device, (batch) => this.submitted(batch));
    this.indexFaults = new IndexFaults(this.pool.acquire(16, { whole: true }));
    this.reads = new Reads(device, this.recorder, this.faults, this.indexFaults);
  }

  /** Allocates a block for `size` elements; the shape is for errors. */
  acquire(size: number, shape: Shape, wish?: Wish): Block {
    this.faults.check();
    if (4 * size > this.largest) throw this.tooLarge(size, shape);
    this.wanted = shape;
    return this.pool.acquire(4 * size, wish);
  }

  /** Returns a block to the pool, once the commands that were recorded so far are done with it. */
  release(block: Block): void {
    if (this.scratch !== null) this.scratch.push(block);
    else this.pool.release(block, this.recorder.batch);
  }

  /**
   * Captures what `record` launches. Blocks that it releases are kept for the launches. Null if it records anything but
   * launches.
   */
  capture(record: () => void): Capture | null {
    const scratch: Block[] = [];
    this.recorder.settle();
    this.scratch = scratch;
    let launches: Launch[] | null = null;
    try {
      launches = this.recorder.capture(record);
    } finally {
      this.scratch = null;
      if (launches === null) for (const block of scratch) this.release(block);
    }
    return launches && { launches, scratch };
  }

  kernel(text: KernelText): Kernel {
    const kernel = new Kernel(this.made++, text, this.layoutOf(text), (kernel) => this.compile(kernel));
    // What is captured may become a part of another kernel.
    if (this.scratch === null) void kernel.pipeline;
    return kernel;
  }

  private compile({ text, layout }: Kernel): GPUComputePipeline {
    const { device, pipelines } = this;
    const [label, code] = [plainName(text.name), moduleText(text)];
    // A program that is recorded again has kernels with the same text.
    const known = pipelines.get(code);
    if (known !== undefined) return known;
    this.recorder.counts.kernels++;
    const module = device.createShaderModule({ label, code });
    const pipeline = device.createComputePipeline({
      label,
      layout: layout.pipelines,
      compute: { module, entryPoint: "main" },
    });
    if (pipelines.size === mostPipelines) pipelines.delete(pipelines.keys().next().value!);
    pipelines.set(code, pipeline);
    return pipeline;
  }

  /** Whether a workgroup, rather than a thread, computes each row: rows are long enough, or few. */
  sharesRows(rows: number, extent: number): boolean {
    if (extent <= 32) return false;
    return this.hasSharedMemory ? extent > 128 || rows < 2 ** 13 : extent > 4096 || rows < 16;
  }

  /** A kernel that belongs to no program. It is compiled once for each way in which operands share buffers. */
  cached(form: string, { places }: Slots, text: () => KernelText): Kernel {
    const key = `${form} ${places}`;
    let kernel = this.kernels.get(key);
    if (kernel === undefined) this.kernels.set(key, (kernel = this.kernel(text())));
    return kernel;
  }

  private layoutOf({ bindings, fields }: KernelText): GroupLayout {
    const alignment = this.device.limits.minUniformBufferOffsetAlignment;
    const bytes = Math.ceil((4 * fields.length) / alignment) * alignment;
    const written = bindings.map((binding) => binding.written);
    const key = `${bytes} ${written.map(Number).join("")}`;
    let layout = this.layouts.get(key);
    if (layout === undefined) {
      layout = new GroupLayout(this.device, this.recorder.uniforms, written, bytes);
      this.layouts.set(key, layout);
    }
    return layout;
  }

  private create(bytes: number): GPUBuffer {
    const { device, wanted } = this;
    device.pushErrorScope("out-of-memory");
    const buffer = device.createBuffer({ size: bytes, usage });
    this.faults.watch(device.popErrorScope(), () => this.outOfMemory(bytes, wanted));
    return buffer;
  }

  private submitted(batch: number): void {
    this.pool.trim(batch);
    if (this.destroyed === this.pool.destroyed) return;
    this.destroyed = this.pool.destroyed;
    for (const layout of this.layouts.values()) layout.forget();
  }

  private tooLarge(size: number, shape: Shape): Error {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    const name =
      maxBufferSize < maxStorageBufferBindingSize ? "maxBufferSize" : "maxStorageBufferBindingSize";
    return new DeviceError(
      "webgpu",
      `a tensor is too large for the device, shape ${formatShape(shape)} takes ${4 * size} bytes and ${name} is ${this.largest}`,
      "split it, or compute it on the CPU",
      [shape],
    );
  }

  private outOfMemory(bytes: number, shape: Shape): Error {
    const { liveBytes, pooledBytes } = this.pool.memory;
    return new DeviceError(
      "webgpu",
      `the device is out of memory, shape ${formatShape(shape)} takes ${bytes} bytes and ${liveBytes + pooledBytes} are in use`,
      "use smaller batches, or let tensors go: await now and then, so that the collector can work, or dispose of them with `using`",
      [shape],
    );
  }
}
