import type {
  DeviceMemory,
  Epilogue,
  KernelCall,
  Operand,
  PreparedCalls,
  PreparingBackend,
  RandomKind,
  Scattering,
  Storage,
  View,
} from "@thalweg/kernels";
import {
  backendFor,
  copyProgram,
  DeviceError,
  type DType,
  type ElementArray,
  isView,
  KernelQueue,
  Layout,
  type MapProgram,
  noteAllocation,
  type ReduceProgram,
  type RowProgram,
  type Shape,
} from "@thalweg/kernels";
import type { Gpu } from "./device/gpu";
import type { Wish } from "./device/pool";
import { blockOf, GpuStorage, type Lease } from "./device/storage";
import { argReduce } from "./kernels/arg-reduce";
import { argScan } from "./kernels/arg-scan";
import { argsort } from "./kernels/argsort";
import { gather } from "./kernels/gather";
import { fits, launchMaps } from "./kernels/map";
import { checkProbabilities } from "./kernels/probabilities";
import { uniform } from "./kernels/random";
import { reduce } from "./kernels/reduce";
import { rows } from "./kernels/row";
import { scan } from "./kernels/scan";
import { scatter } from "./kernels/scatter";
import { matmul } from "./matmul/matmul";
import { PreparedProgram } from "./prepared/prepared-program";

function notNow(op: string): DeviceError {
  return new DeviceError(
    op,
    "a tensor on webgpu cannot be read synchronously, the device answers later",
    "use `await x.data()`, or `itemAsync`, `toArrayAsync` or `toAsync`",
  );
}

/** Kernels count in 32 bits, some a little past the end. Only expanded views have more elements. */
const mostCount = 2 ** 30;

function checkCount(count: number): void {
  if (count <= mostCount) return;
  throw new DeviceError(
    "webgpu",
    `there are too many elements for a kernel, ${count} and at most ${mostCount} can be counted`,
    "expand less, or compute it on the CPU",
  );
}

/** The backend of tensors in GPU memory. It launches kernels without waiting for them. */
export class WebGPUBackend implements PreparingBackend {
  readonly device = "webgpu";
  readonly dtypes: readonly DType[] = ["float32", "int32", "bool"];
  readonly tier = "webgpu";
  lastTier: string | null = null;
  private readonly gpu: Gpu;
  private readonly queue: KernelQueue;
  private readonly giveBack: (lease: Lease) => void;
  private readonly graves: FinalizationRegistry<Lease>;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.giveBack = (lease) => {
      if (lease.block === null) return;
      gpu.release(lease.block);
      lease.block = null;
    };
    this.graves = new FinalizationRegistry(this.giveBack);
    this.queue = new KernelQueue({
      maps: (chain, outputs, inputs) => launchMaps(gpu, chain, outputs, inputs),
      matmul: ({ out, a, b, epilogue }) => matmul(gpu, out, a, b, epilogue),
      reduce: ({ program, out, inputs, dims }) => reduce(gpu, program, out, inputs, dims),
      fits: (operands) => fits(gpu, operands),
      waiting: () => gpu.recorder.postpone(() => this.queue.flush()),
    });
  }

  get deviceMemory(): DeviceMemory {
    return this.gpu.pool.memory;
  }

  allocate(dtype: DType, size: number, shape: Shape = [size]): Storage {
    return this.storage(dtype, size, shape);
  }

  filled(dtype: DType, size: number, value: number, shape: Shape = [size]): Storage {
    const storage = this.storage(dtype, size, shape);
    this.map(copyProgram(dtype), [{ storage, layout: Layout.contiguous([size]) }], [value]);
    return storage;
  }

  upload(dtype: DType, values: ArrayLike<number>, shape: Shape = [values.length]): Storage {
    const { gpu } = this;
    // The upload is written at once, so recorded commands must not use the block.
    const storage = this.storage(dtype, values.length, shape, { before: gpu.recorder.batch });
    const Elements = dtype === "float32" ? Float32Array : Int32Array;
    const data = values instanceof Elements ? values : Elements.from(values);
    const { memory, start } = storage.block;
    gpu.device.queue.writeBuffer(memory.buffer, 4 * start, data as Float32Array<ArrayBuffer>);
    return storage;
  }

  private storage(dtype: DType, size: number, shape: Shape, wish?: Wish): GpuStorage {
    const lease = { block: this.gpu.acquire(size, shape, wish) };
    const storage = new GpuStorage(this, dtype, size, lease, this.giveBack);
    this.graves.register(storage, lease);
    noteAllocation(storage);
    return storage;
  }

  async read(view: View): Promise<ElementArray> {
    const { gpu } = this;
    const { layout } = view;
    const { dtype } = view.storage;
    const typed = ({ buffer }: Float32Array) =>
      dtype === "float32" ? new Float32Array(buffer) : new Int32Array(buffer);
    if (layout.size === 0) return typed(new Float32Array(0));
    if (layout.isContiguous) return typed(await gpu.reads.read(blockOf(view), layout.offset, layout.size));
    const storage = this.storage(dtype, layout.size, layout.shape);
    this.map(copyProgram(dtype), [{ storage, layout: Layout.contiguous(layout.shape) }], [view]);
    const values = gpu.reads.read(storage.block, 0, layout.size);
    // The copy is recorded, so later commands may reuse the block.
    storage.free();
    return typed(await values);
  }

  readSync(_: View, op = "dataSync"): never {
    throw notNow(op);
  }

  at(): never {
    throw notNow("item");
  }

  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
    this.queue.map({ kind: "map", backend: this, program, outputs, inputs });
  }

  reduce(program: ReduceProgram, out: View, inputs: readonly Operand[], dims: readonly number[]): void {
    const { size } = inputs.find(isView)!.layout;
    if (out.layout.size > 0) checkCount(size / out.layout.size);
    this.queue.reduce({ kind: "reduce", backend: this, program, out, inputs, dims });
  }

  rows(program: RowProgram, outputs: readonly View[], inputs: readonly Operand[], dim: number): boolean {
    return rows(this.gpu, program, outputs, inputs, dim);
  }

  argReduce(kind: "max" | "min", out: View, input: View, dim: number): void {
    checkCount(input.layout.shape[dim] ?? 1);
    argReduce(this.gpu, kind, out, input, dim);
  }

  scan(out: View, a: View, b: View, dim: number): void {
    scan(this.gpu, out, a, b, dim);
  }

  argsort(out: View, input: View, dim: number, descending: boolean): void {
    argsort(this.gpu, out, input, dim, descending);
  }

  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void {
    checkCount(a.layout.shape.at(-1)!);
    this.queue.matmul({ kind: "matmul", backend: this, out, a, b, grouping: undefined, epilogue });
  }

  gather(op: string, out: View, input: View, dim: number, index: View): void {
    checkCount(input.layout.shape[dim] ?? 1);
    gather(this.gpu, op, out, input, dim, index);
  }

  scatterAdd(op: string, out: View, dim: number, index: View, src: View): void {
    checkCount(index.layout.size);
    scatter(this.gpu, op, "sum", out, dim, index, src);
  }

  scatter(op: string, how: Scattering, out: View, dim: number, index: View, src: View): void {
    checkCount(index.layout.size);
    scatter(this.gpu, op, how, out, dim, index, src);
  }

  argScan(kind: "max" | "min", out: View, input: View, dim: number): void {
    argScan(this.gpu, kind, out, input, dim);
  }

  checkProbabilities(op: string, x: View, refuse: (op: string, value: number) => Error): void {
    checkProbabilities(this.gpu, op, x, refuse);
  }

  random(kind: RandomKind, out: View, seed: number, counter: number): void {
    if (kind === "uniform") {
      uniform(this.gpu, out, seed, counter);
      return;
    }
    // Normal numbers need float64 logarithms and cosines, which the device lacks, so the CPU draws them.
    const cpu = backendFor("randn", "cpu");
    const layout = Layout.contiguous(out.layout.shape);
    const drawn = { storage: cpu.allocate("float32", layout.size), layout };
    cpu.random(kind, drawn, seed, counter);
    const storage = this.upload("float32", cpu.readSync(drawn), layout.shape);
    drawn.storage.free();
    this.map(copyProgram("float32"), [out], [{ storage, layout }]);
    storage.expire();
  }

  prepare(calls: readonly KernelCall[]): PreparedCalls {
    return new PreparedProgram(this.gpu, calls);
  }
}
