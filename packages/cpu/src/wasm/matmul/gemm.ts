import { accelerator } from "../../accelerator";
import { argumentsAddress, control } from "../runtime/addresses";
import type { Kernel, Runtime } from "../runtime/runtime";
import type { Matrices, Product } from "./product";

/** A matrix of float32 whose rows, or whose columns if it is transposed, are dense. */
export interface Matrix {
  /** The memory that begins with its first element. */
  readonly elements: Float32Array;
  readonly isTransposed: boolean;
  /** Elements from one dense row or column to the next, as the leading dimension of BLAS. */
  readonly stride: number;
}

/** Products of matrices by a library of the machine. */
export interface Gemm {
  /** The name of its tier in profiles. */
  readonly tier: string;
  /** The least number of multiplications of a product that it computes. */
  readonly from: number;
  /** Computes `c = a · b`, `[m, k] x [k, n]`; `c` is not transposed, and its contents are not read. */
  multiply(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void;
}

/**
 * Has large products of float32 computed by a library from now on, or by WebAssembly again where it is null. Returns false where
 * there is no WebAssembly, in whose memory the matrices are.
 */
export function setGemm(gemm: Gemm | null): boolean {
  const tier = accelerator();
  if (tier !== null) tier.runtime.gemm = gemm && productsBy(gemm, tier.runtime);
  return tier !== null;
}

/** How a matrix lies in memory. */
type MatrixLayout = Pick<Matrix, "isTransposed" | "stride">;

/**
 * The words of the arguments of a kernel: m, n and k, the addresses of a, b and c, the layout of each, and for each dimension of the batch its
 * extent and the distances of the matrices of a, b and c.
 */
const word = { sizes: 0, addresses: 3, layouts: 6, dimensions: 12, batch: 13 } as const;

/** How many times as large products of a batch have to be: threads share a batch of small ones, where a library uses one thread. */
const batched = 16;

/** From this many multiplications on, libraries have threads of their own compute a product. */
const minThreaded = 2 ** 22;

/** The most dimensions of a batch. */
const maxDimensions = 16;

/** Runs what has threads of its own, to which those of the runtime leave the cores. */
export function yieldTo(run: () => void, { words }: Runtime): void {
  Atomics.store(words, control.rest, 1);
  Atomics.add(words, control.generation, 1);
  try {
    run();
  } finally {
    Atomics.store(words, control.rest, 0);
  }
}

/** A kernel that hands products to a library. All of them are one item, which the calling thread computes. */
function gemmKernel(gemm: Gemm, runtime: Runtime): Kernel {
  const run = (args: number): void => {
    const { words, floats } = runtime;
    const start = args / 4;
    const [m, n, k] = words.subarray(start + word.sizes) as unknown as [number, number, number];
    const dimensions = words[start + word.dimensions]!;
    const matrix = (operand: number, address: number): Matrix => {
      const at = start + word.layouts + 2 * operand;
      return {
        elements: floats.subarray(address / 4),
        isTransposed: words[at] !== 0,
        stride: words[at + 1]!,
      };
    };
    const multiply = (d: number, a: number, b: number, c: number): void => {
      if (d === dimensions) {
        gemm.multiply(matrix(2, c), matrix(0, a), matrix(1, b), m, n, k);
        return;
      }
      const at = start + word.batch + 4 * d;
      for (let i = 0; i < words[at]!; i++)
        multiply(d + 1, a + i * words[at + 1]!, b + i * words[at + 2]!, c + i * words[at + 3]!);
    };
    const [a, b, c] = words.subarray(start + word.addresses) as unknown as [number, number, number];
    const all = () => multiply(0, a, b, c);
    if (m * n * k < minThreaded) all();
    else yieldTo(all, runtime);
    runtime.gemmTier = gemm.tier;
  };
  return { bytes: null, run, shared: -1 };
}

/** Null where neither rows nor columns are dense and apart from each other. */
function matrixLayoutOf({ row, step }: Matrices, rows: number, steps: number): MatrixLayout | null {
  const stride = (distance: number, inner: number, outer: number) =>
    outer === 1 ? inner : distance >= 4 * inner ? distance / 4 : null;
  const across = step === 4 || steps === 1 ? stride(row, steps, rows) : null;
  if (across !== null) return { isTransposed: false, stride: across };
  const down = row === 4 || rows === 1 ? stride(step, rows, steps) : null;
  return down === null ? null : { isTransposed: true, stride: down };
}

/** The transpose of a product. */
function transposed({ m, n, a, b, c }: Product): Pick<Product, "m" | "n" | "a" | "b" | "c"> {
  return { m: n, n: m, a: b, b: a, c: { ...c, row: c.step, step: c.row } };
}

/** Writes a product to the arguments of the kernel of a library; false where it is not one for the library. */
function write(runtime: Runtime, given: Product, from: number): boolean {
  if (given.isInt || given.m * given.n * given.k < from * (given.extents.length > 0 ? batched : 1))
    return false;
  const { k, extents } = given;
  // The library writes dense rows: where there are dense columns, it computes the transpose.
  const { m, n, a, b, c } = given.c.step === 4 ? given : transposed(given);
  const [left, right, out] = [matrixLayoutOf(a, m, k), matrixLayoutOf(b, n, k), matrixLayoutOf(c, m, n)];
  if (left === null || right === null || out === null || out.isTransposed) return false;
  if (extents.length > maxDimensions) return false;
  // The rows of `b` are columns of the right matrix.
  const layouts = [left, { ...right, isTransposed: !right.isTransposed }, out];
  const words = [
    ...[m, n, k, a.address, b.address, c.address],
    ...layouts.flatMap(({ isTransposed, stride }) => [Number(isTransposed), stride]),
    extents.length,
    ...extents.flatMap((extent, d) => [extent, a.batch[d]!, b.batch[d]!, c.batch[d]!]),
  ];
  runtime.words.set(words, argumentsAddress / 4);
  return true;
}

/** Computes products by a library in a runtime. */
function productsBy(gemm: Gemm, own: Runtime): Runtime["gemm"] {
  const kernel = gemmKernel(gemm, own);
  return (runtime, product) => {
    if (!write(runtime, product, gemm.from)) return false;
    runtime.launch(kernel, 1, 0);
    return true;
  };
}
