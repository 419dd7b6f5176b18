import { collapse, forEachOuter } from "../../layout/collapse";
import type { LineProgram, MapProgram, ReduceProgram } from "../../scalar/program";
import type { Backend, DType, Epilogue, Operand, View } from "../backend";
import { observation, observed, watched } from "../observe";
import { gather, scatterAdd } from "./index-kernels";
import { argReduce, argsort, scan } from "./line-kernels";
import { random } from "./random";
import { arrayOf, type CpuArray, type CpuStorage } from "./storage";

/** The arithmetic of a CPU backend. What is optional, all tiers have in common. */
export interface Tier {
  /** For profiles. */
  readonly name: string;
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void;
  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void;
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
  readonly argReduce: typeof argReduce;
  readonly scan: typeof scan;
  readonly argsort: typeof argsort;
  readonly gather: Backend["gather"];
  readonly scatterAdd: Backend["scatterAdd"];
  readonly random: typeof random;
  private readonly memory: Memory;
  private readonly tier: Tier;

  constructor(dtype: DType, memory: Memory, tier: Tier) {
    this.dtype = dtype;
    this.memory = memory;
    this.tier = tier;
    const { name } = tier;
    this.argReduce = watched("argReduce", name, argReduce);
    this.scan = watched("scan", name, scan);
    this.argsort = watched("argsort", name, argsort);
    this.gather = watched("gather", name, tier.gather ?? gather);
    this.scatterAdd = watched("scatterAdd", name, tier.scatterAdd ?? scatterAdd);
    this.random = watched("random", name, random);
  }

  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
    const { tier } = this;
    if (observation.listener === null) tier.map(program, outputs, inputs);
    else observed("map", tier.name, [program, outputs, inputs], () => tier.map(program, outputs, inputs));
  }

  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void {
    const { tier } = this;
    if (observation.listener === null) tier.reduce(program, out, inputs, dims);
    else observed("reduce", tier.name, [program, out, inputs], () => tier.reduce(program, out, inputs, dims));
  }

  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void {
    const { tier } = this;
    if (observation.listener === null) tier.matmul(out, a, b, epilogue);
    else observed("matmul", tier.name, [out, a, b], () => tier.matmul(out, a, b, epilogue));
  }

  lines(program: LineProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean {
    const { tier } = this;
    if (tier.lines === undefined) return false;
    if (observation.listener === null) return tier.lines(program, outputs, inputs, dim);
    let done = false;
    observed("lines", tier.name, [program, outputs, inputs], () => {
      done = tier.lines!(program, outputs, inputs, dim);
      return done;
    });
    return done;
  }

  allocate(size: number): CpuStorage {
    return this.memory.allocate(this, size);
  }

  filled(size: number, value: number): CpuStorage {
    const storage = this.allocate(size);
    // Arrays of their own are new, and zero.
    if (value !== 0 || storage.cell !== null) storage.array.fill(value);
    return storage;
  }

  upload(values: ArrayLike<number>): CpuStorage {
    const storage = this.allocate(values.length);
    storage.array.set(values);
    return storage;
  }

  read(view: View): Promise<CpuArray> {
    return Promise.resolve(this.readSync(view));
  }

  readSync(view: View): CpuArray {
    const { layout } = view;
    const data = arrayOf(view);
    if (layout.isContiguous) return data.slice(layout.offset, layout.offset + layout.size);
    const out = this.dtype === "float32" ? new Float32Array(layout.size) : new Float64Array(layout.size);
    let i = 0;
    if (layout.size > 0) {
      forEachOuter(collapse(layout.shape, [layout]), 0, ([position]) => {
        out[i++] = data[position!]!;
      });
    }
    return out;
  }

  at(storage: CpuStorage, position: number): number {
    return storage.array[position]!;
  }
}
