import type {
  Backend,
  DType,
  ElementArray,
  Epilogue,
  Grouping,
  MapProgram,
  Operand,
  ReduceProgram,
  RowProgram,
  View,
} from "@thalweg/kernels";
import { collapse, forEachOuter, isView, Layout } from "@thalweg/kernels";
import { arrival } from "./accelerator";
import { argReduce, argsort, scan } from "./axis-kernels";
import { gather, scatterAdd } from "./index-kernels";
import { random } from "./random";
import { arrayOf, type CpuStorage, newArray } from "./storage";

/** The arithmetic of a CPU backend. All tiers share what replaces a missing optional kernel. */
export interface Kernels {
  /** The name of the tier in profiles. */
  readonly name: string;
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void;
  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void;
  /** See {@link Backend.contract}. */
  contract?(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean;
  gather?: Backend["gather"];
  scatterAdd?: Backend["scatterAdd"];
  /** See {@link Backend.rows}. */
  rows?(program: RowProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean;
}

/** The memory in which a CPU backend puts elements. */
export interface Memory {
  /** A storage with unspecified contents. */
  allocate(backend: Backend, dtype: DType, size: number): CpuStorage;
}

function isFloat64(operand: Operand): boolean {
  return typeof operand === "object" && operand.storage.dtype === "float64";
}

function isAllViews(operands: readonly Operand[]): operands is readonly View[] {
  for (let i = 0; i < operands.length; i++) if (!isView(operands[i]!)) return false;
  return true;
}

/** The operands of a kernel that takes views alone: a number is one float, repeated. */
export function asViews(operands: readonly Operand[]): readonly View[] {
  if (isAllViews(operands)) return operands;
  const { storage, layout } = operands.find(isView)!;
  const one = Layout.contiguous([]).expand(layout.shape);
  const filled = (value: number) =>
    storage.backend.filled(operands.some(isFloat64) ? "float64" : "float32", 1, value);
  return operands.map((operand) => (isView(operand) ? operand : { storage: filled(operand), layout: one }));
}

/** The backend for tensors in the memory of the process. `narrow` runs kernels without float64, `exact` runs the rest. */
export class CpuBackend implements Backend {
  readonly device = "cpu";
  readonly dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];
  readonly tier: string;
  lastTier: string | null = null;
  readonly argReduce = argReduce;
  readonly scan = scan;
  readonly argsort = argsort;
  readonly random = random;
  private readonly memory: Memory;
  private readonly narrow: Kernels;
  private readonly exact: Kernels;
  /** Whether there ever was a storage of float64. Without one, kernels run without a look at each operand. */
  private hasFloat64 = false;

  constructor(memory: Memory, narrow: Kernels, exact: Kernels) {
    this.memory = memory;
    this.narrow = narrow;
    this.exact = exact;
    this.tier = narrow.name;
  }

  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
    const isWide = this.hasFloat64 && (outputs.some(isFloat64) || inputs.some(isFloat64));
    (isWide ? this.wide() : this.narrow).map(program, outputs, inputs);
  }

  reduce(program: ReduceProgram, out: View, inputs: readonly Operand[], dims: readonly number[]): void {
    const isWide = this.hasFloat64 && (isFloat64(out) || inputs.some(isFloat64));
    (isWide ? this.wide() : this.narrow).reduce(program, out, asViews(inputs), dims);
  }

  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void {
    this.kernelsFor(out).matmul(out, a, b, epilogue);
  }

  contract(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean {
    return this.kernelsFor(out).contract?.(out, a, b, grouping, epilogue) ?? false;
  }

  rows(program: RowProgram, outputs: readonly View[], inputs: readonly Operand[], dim: number): boolean {
    return this.kernelsFor(outputs[0]!).rows?.(program, outputs, asViews(inputs), dim) ?? false;
  }

  gather(op: string, out: View, input: View, dim: number, index: View): void {
    (this.kernelsFor(out).gather ?? gather)(op, out, input, dim, index);
  }

  scatterAdd(op: string, out: View, dim: number, index: View, src: View): void {
    (this.kernelsFor(out).scatterAdd ?? scatterAdd)(op, out, dim, index, src);
  }

  /** The kernels for data of the type of a view. */
  private kernelsFor({ storage }: View): Kernels {
    return storage.dtype === "float64" ? this.wide() : this.narrow;
  }

  private wide(): Kernels {
    this.lastTier = this.exact.name;
    return this.exact;
  }

  allocate(dtype: DType, size: number): CpuStorage {
    if (dtype === "float64") this.hasFloat64 = true;
    return this.memory.allocate(this, dtype, size);
  }

  filled(dtype: DType, size: number, value: number): CpuStorage {
    const storage = this.allocate(dtype, size);
    // An array outside of the heap is new, so it is zero already.
    if (Object.is(value, 0) && storage.cell === null) return storage;
    const { array } = storage;
    if (size > 8) array.fill(value);
    else for (let i = 0; i < size; i++) array[i] = value;
    return storage;
  }

  upload(dtype: DType, values: ArrayLike<number>): CpuStorage {
    const storage = this.allocate(dtype, values.length);
    storage.array.set(values);
    return storage;
  }

  read(view: View): Promise<ElementArray> {
    const elements = this.readSync(view, "data");
    return arrival()?.then(() => elements) ?? Promise.resolve(elements);
  }

  readSync(view: View, op = "cpu"): ElementArray {
    const { offset, size, isContiguous } = view.layout;
    const data = arrayOf(view);
    const out = newArray(view.storage.dtype, size, op);
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
