import { collapse, forEachOuter } from "../../layout/collapse";
import type { MapProgram, ReduceProgram } from "../../scalar/program";
import { type Backend, type DType, type Operand, Storage, type View } from "../backend";
import { gather, scatterAdd } from "./index-kernels";
import { argReduce, argsort, scan } from "./line-kernels";
import { arrayOf, type CpuArray } from "./memory";
import { random } from "./random";

/** The arithmetic of a CPU backend. What only moves or compares elements is the same in all tiers. */
export interface Tier {
  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void;
  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void;
  matmul(out: View, a: View, b: View): void;
}

/** Ordinary typed arrays of one element type, with the kernels of one tier. */
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

  constructor(dtype: DType, tier: Tier) {
    this.dtype = dtype;
    this.map = tier.map;
    this.reduce = tier.reduce;
    this.matmul = tier.matmul;
  }

  allocate(size: number): Storage<CpuArray> {
    return new Storage<CpuArray>(
      this,
      this.dtype === "float32" ? new Float32Array(size) : new Float64Array(size),
      size,
    );
  }

  upload(values: ArrayLike<number>): Storage<CpuArray> {
    const data = this.dtype === "float32" ? new Float32Array(values) : new Float64Array(values);
    return new Storage<CpuArray>(this, data, data.length);
  }

  read(view: View): Promise<CpuArray> {
    return Promise.resolve(this.readSync(view));
  }

  readSync(view: View): CpuArray {
    const { layout } = view;
    const data = arrayOf(view);
    if (layout.isContiguous) return data.slice(layout.offset, layout.offset + layout.size);
    const out = this.allocate(layout.size).data;
    let i = 0;
    if (layout.size > 0) {
      forEachOuter(collapse(layout.shape, [layout]), 0, ([position]) => {
        out[i++] = data[position!]!;
      });
    }
    return out;
  }
}
