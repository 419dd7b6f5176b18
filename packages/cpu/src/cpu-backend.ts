import type {
  Backend,
  DType,
  Epilogue,
  Grouping,
  LineProgram,
  MapProgram,
  Operand,
  ReduceProgram,
  View,
} from "@thalweg/kernels";
import { collapse, forEachOuter } from "@thalweg/kernels";
import { arrival } from "./accelerator";
import { argReduce, argsort, scan } from "./axis-kernels";
import { gather, scatterAdd } from "./index-kernels";
import { random } from "./random";
import { arrayOf, type CpuArray, type CpuStorage, newArray } from "./storage";

/** The arithmetic of a CPU backend. What is optional, all tiers have in common. */
export interface Kernels {
  /** For profiles. */
  readonly name: string;
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void;
  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void;
  /** As {@link Backend.contract}. */
  contract?(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean;
  gather?: Backend["gather"];
  scatterAdd?: Backend["scatterAdd"];
  /** As {@link Backend.lines}. */
  lines?(program: LineProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean;
}

/** Where a CPU backend puts elements. */
export interface Memory {
  /** Whatever was there. */
  allocate(backend: Backend, size: number): CpuStorage;
}

/** Tensors in the memory of the process, with the kernels of one tier. */
export class CpuBackend implements Backend {
  readonly device = "cpu";
  readonly dtype: DType;
  readonly tier: string;
  lastTier: string | null = null;
  readonly argReduce = argReduce;
  readonly scan = scan;
  readonly argsort = argsort;
  readonly random = random;
  readonly gather: Backend["gather"];
  readonly scatterAdd: Backend["scatterAdd"];
  private readonly memory: Memory;
  private readonly kernels: Kernels;

  constructor(dtype: DType, memory: Memory, kernels: Kernels) {
    this.dtype = dtype;
    this.memory = memory;
    this.kernels = kernels;
    this.tier = kernels.name;
    this.gather = kernels.gather ?? gather;
    this.scatterAdd = kernels.scatterAdd ?? scatterAdd;
  }

  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
    this.kernels.map(program, outputs, inputs);
  }

  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void {
    this.kernels.reduce(program, out, inputs, dims);
  }

  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void {
    this.kernels.matmul(out, a, b, epilogue);
  }

  contract(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean {
    return this.kernels.contract?.(out, a, b, grouping, epilogue) ?? false;
  }

  lines(program: LineProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean {
    return this.kernels.lines?.(program, outputs, inputs, dim) ?? false;
  }

  allocate(size: number): CpuStorage {
    return this.memory.allocate(this, size);
  }

  filled(size: number, value: number): CpuStorage {
    const storage = this.allocate(size);
    // Arrays of their own are new, and zero.
    if (value === 0 && storage.cell === null) return storage;
    const { array } = storage;
    if (size > 8) array.fill(value);
    else for (let i = 0; i < size; i++) array[i] = value;
    return storage;
  }

  upload(values: ArrayLike<number>): CpuStorage {
    const storage = this.allocate(values.length);
    storage.array.set(values);
    return storage;
  }

  read(view: View): Promise<CpuArray> {
    const elements = this.readSync(view, "data");
    return arrival()?.then(() => elements) ?? Promise.resolve(elements);
  }

  readSync(view: View, op = "cpu"): CpuArray {
    const { offset, size, isContiguous } = view.layout;
    const data = arrayOf(view);
    const out = newArray(this.dtype, size, op);
    if (isContiguous) {
      out.set(data.subarray(offset, offset + size));
      return out;
    }
    let i = 0;
    if (size > 0) {
      forEachOuter(collapse(view.layout.shape, [view.layout]), 0, ([position]) => {
        out[i++] = data[position!]!;
      });
    }
    return out;
  }

  at(storage: CpuStorage, position: number): number {
    return storage.array[position]!;
  }
}
