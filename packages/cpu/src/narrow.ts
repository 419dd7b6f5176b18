import type {
  Backend,
  DType,
  Epilogue,
  Grouping,
  MapProgram,
  Operand,
  ReduceProgram,
  RowProgram,
  View,
} from "@thalweg/kernels";
import { sizeOf } from "@thalweg/kernels";
import { accelerator, acceleratorFor } from "./accelerator";
import type { Kernels, Memory } from "./cpu-backend";
import { gather, scatterAdd } from "./index-kernels";
import { map } from "./js/map";
import { matmul } from "./js/matmul";
import { reduce } from "./js/reduce";
import { CpuStorage, minHeapSize, newArray } from "./storage";

/** Small tensors and those of float64 are ordinary arrays. Others are cells of the heap while it has room. */
export const memory: Memory = {
  allocate(backend: Backend, dtype: DType, size: number): CpuStorage {
    // Inlined everywhere: most tensors of small programs are made here.
    if (size < minHeapSize && dtype === "float32") {
      return new CpuStorage(backend, dtype, size, new Float32Array(size), null);
    }
    return (size < minHeapSize ? null : inHeap(backend, dtype, size)) ?? inArray(backend, dtype, size);
  },
};

function inHeap(backend: Backend, dtype: DType, size: number): CpuStorage | null {
  return dtype === "float64" ? null : (accelerator()?.allocate(backend, dtype, size) ?? null);
}

function inArray(backend: Backend, dtype: DType, size: number): CpuStorage {
  return new CpuStorage(backend, dtype, size, newArray(dtype, size), null);
}

function acceleratorForIndex({ storage, layout }: View) {
  return storage.dtype === "float64" ? null : acceleratorFor(layout.size, minIndex);
}

/** The least work for which WebAssembly runs each kernel. Bundlers inline constants, but not the members of an object. */
export const minMap = 512;
export const minReduce = 512;
const minRows = 128;
export const minMatmul = 2048;
const minIndex = 1024;

/** From this many elements on, the work of a map depends on the length of its expression. */
const minWeighed = 64;

/**
 * JavaScript runs small kernels, and those that WebAssembly cannot run. WebAssembly runs the rest. Both compute the
 * same bits.
 */
export const narrowTier: Kernels = {
  name: "js",

  map(program: MapProgram, outputs: readonly View[], inputs: readonly Operand[]): void {
    const { size } = outputs[0]!.layout;
    const work = size < minWeighed ? size : (size * (8 + program.weight)) / 8;
    if (!acceleratorFor(work, minMap)?.map(program, outputs, inputs)) map(program, outputs, inputs);
  },

  reduce(program: ReduceProgram, out: View, inputs: readonly View[], dims: readonly number[]): void {
    const tier = acceleratorFor(inputs[0]!.layout.size, minReduce, out.layout.size > 1);
    if (!tier?.reduce(program, out, inputs, dims)) reduce(program, out, inputs, dims);
  },

  gather(op: string, out: View, input: View, dim: number, index: View): void {
    gather(op, out, input, dim, index, acceleratorForIndex(index));
  },

  scatterAdd(op: string, out: View, dim: number, index: View, src: View): void {
    scatterAdd(op, out, dim, index, src, acceleratorForIndex(index));
  },

  rows(program: RowProgram, outputs: readonly View[], inputs: readonly View[], dim: number): boolean {
    const tier = acceleratorFor(outputs[0]!.layout.size, minRows, true);
    return tier?.rows(program, outputs, inputs, dim) ?? false;
  },

  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void {
    const { shape } = a.layout;
    const tier = acceleratorFor(out.layout.size * shape[shape.length - 1]!, minMatmul);
    if (tier?.matmul(out, a, b, epilogue)) return;
    if (epilogue === undefined || !tier?.matmul(out, a, b, undefined)) matmul(out, a, b);
    if (epilogue !== undefined) this.map(epilogue.program, [out], [out, ...epilogue.operands]);
  },

  contract(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean {
    const { shape } = a.layout;
    const terms = sizeOf(shape.slice(shape.length - grouping.terms));
    const tier = acceleratorFor(out.layout.size * terms, minMatmul);
    return tier?.contract(out, a, b, grouping, epilogue) ?? false;
  },
};
