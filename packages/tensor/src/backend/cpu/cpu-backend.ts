import { collapse, forEachOuter } from "../../layout/collapse";
import type { MapProgram, ReduceProgram } from "../../scalar/program";
import type { Backend, DType, Operand, View } from "../backend";
import { gather, scatterAdd } from "./index-kernels";
import { argReduce, argsort, scan } from "./line-kernels";
import { random } from "./random";
import { arrayOf, type CpuArray, type CpuStorage } from "./storage";

/** The arithmetic of a CPU backend. What only moves or compares elements is the same in all tiers. */
export interface Tier {
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void;
  matmul(out: View, a: View, b: View): void;
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
  readonly map: Tier["map"];
  readonly reduce: Tier["reduce"];
  readonly matmul: Tier["matmul"];
  readonly argReduce = argReduce;
  readonly scan = scan;
  readonly argsort = argsort;
  readonly gather = gather;
  readonly scatterAdd = scatterAdd;
  readonly random = random;
  private readonly memory: Memory;

  constructor(dtype: DType, memory: Memory, tier: Tier) {
    this.dtype = dtype;
    this.memory = memory;
    this.map = tier.map;
    this.reduce = tier.reduce;
    this.matmul = tier.matmul;
  }

  allocate(size: number): CpuStorage {
    return this.memory.allocate(this, size);
  }

  zeros(size: number): CpuStorage {
    const storage = this.allocate(size);
    if (storage.cell !== null) storage.array.fill(0);
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
