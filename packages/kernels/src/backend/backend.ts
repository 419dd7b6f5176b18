import type { Shape } from "../errors";
import type { Layout } from "../layout/layout";
import type { DType, ElementArray } from "../scalar/dtype";
import type { MapProgram } from "../scalar/programs/map-program";
import type { ReduceProgram } from "../scalar/programs/reduce-program";
import type { RowProgram } from "../scalar/programs/row-program";
import type { Storage } from "./storage";

/** A storage seen through a layout; every tensor is one. */
export interface View {
  readonly storage: Storage;
  readonly layout: Layout;
}

/** An input of a map: a view, or one number for all elements. */
export type Operand = View | number;

/** Whether an operand is a view, and not a number. */
export function isView(operand: Operand): operand is View {
  return typeof operand === "object";
}

/** A map of each element of a product and of other operands, applied before the element is stored. */
export interface Epilogue {
  /** Input 0 is the product. */
  readonly program: MapProgram;
  /** The other inputs of the program, already broadcast to the shape of the product. */
  readonly operands: readonly (View | number)[];
}

/** The number of dimensions that form the rows, the columns and the terms of a product. */
export interface Grouping {
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
}

/** The memory that the tensors of a device take. */
export interface DeviceMemory {
  /** Bytes of the tensors that exist now. */
  readonly liveBytes: number;
  /** Bytes that are free and kept for reuse. */
  readonly pooledBytes: number;
  /** The largest number of bytes of tensors that existed at one time. */
  readonly peakBytes: number;
}

/** How a kernel writes an element where there is one: in its place, or combined with it. Extrema are NaN if either is. */
export type Scattering = "set" | "prod" | "max" | "min";

/** Distributions of the generator: uniform on [0, 1), or normal with mean 0 and variance 1. */
export type RandomKind = "uniform" | "normal";

/**
 * The few kinds of kernels that a device offers. The caller allocates the outputs. Every view may have any
 * strides, and all operands of a kernel belong to the backend that runs it. Programs arrive typed
 * (`typedMap`): an int input or output is a view of int32 or bool. All other kernels take data of one
 * type.
 */
export interface Backend {
  readonly device: string;
  /** The element types that its storages can have. */
  readonly dtypes: readonly DType[];
  /** How kernels run, as profiles show it. */
  readonly tier: string;
  /** How the last kernel ran, where that differs from {@link tier}; otherwise null. */
  lastTier: string | null;
  /** The memory that tensors take; left out where the backend has no memory of its own. */
  readonly deviceMemory?: DeviceMemory;
  /** Memory with unspecified contents. The shape is for error messages, here and below. */
  allocate(dtype: DType, size: number, shape?: Shape): Storage;
  /** Memory filled with a number that the element type can hold. */
  filled(dtype: DType, size: number, value: number, shape?: Shape): Storage;
  /** Memory with a copy of these values, which must be in the range of the element type and are rounded to it. */
  upload(dtype: DType, values: ArrayLike<number>, shape?: Shape): Storage;
  /** The elements of a view in row-major order, in fresh memory. */
  read(view: View): Promise<ElementArray>;
  /** Like {@link read}, but synchronous. Where that is not possible, the error names `op`, the user's call. */
  readSync(view: View, op?: string): ElementArray;
  /** One element of a storage, read synchronously. */
  at(storage: Storage, position: number): number;

  /**
   * Inputs are already broadcast to the shape of the outputs. An output may be the same view as an input, but not
   * overlap one partly.
   */
  map(program: MapProgram, outputs: readonly View[], inputs: readonly (View | number)[]): void;
  /**
   * `out` has the shape of the inputs with `dims` set to 1. One input at least is a view. A number is a float, here and in
   * {@link rows}: it is rounded to float32, unless a view is of float64.
   */
  reduce(program: ReduceProgram, out: View, inputs: readonly Operand[], dims: readonly number[]): void;
  /**
   * Runs a row program in one pass over the rows along `dim`, where the backend can, and returns whether it
   * did. Otherwise, and in backends without it, `runRows` composes maps and reductions.
   */
  rows?(program: RowProgram, outputs: readonly View[], inputs: readonly Operand[], dim: number): boolean;
  /** The int32 index of the first extreme element along `dim` (NaN wins); `out` has extent 1 there. */
  argReduce(kind: "max" | "min", out: View, input: View, dim: number): void;
  /** First-order linear recurrence along `dim`: `out[0] = b[0]`, `out[i] = a[i] * out[i - 1] + b[i]`. */
  scan(out: View, a: View, b: View, dim: number): void;
  /** The int32 indices that sort along `dim`: stable, with NaN as the largest value. */
  argsort(out: View, input: View, dim: number, descending: boolean): void;
  /** `[...batch, m, k] x [...batch, k, n] -> [...batch, m, n]`, batch dimensions already broadcast; then the epilogue. */
  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void;
  /**
   * Like {@link matmul}, `[...batch, ...rows, ...terms] x [...batch, ...terms, ...columns] -> [...batch, m, n]`,
   * where the backend needs no copies of the operands. Returns whether it computed the product. Otherwise, and in
   * backends without it, the operands are copied.
   */
  contract?(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean;
  /** `out[.., i, ..] = input[.., index[.., i, ..], ..]` along `dim`; indices are int32 or float32. */
  gather(op: string, out: View, input: View, dim: number, index: View): void;
  /** `out[.., index[.., i, ..], ..] += src[.., i, ..]` along `dim`, duplicates included. */
  scatterAdd(op: string, out: View, dim: number, index: View, src: View): void;
  /**
   * Writes elements of `src` to `out` like {@link scatterAdd}, but not as sums. Which of several at one index is set is up
   * to the device. Left out on the CPU, where the operations that need it bring it along.
   */
  scatter?(op: string, how: Scattering, out: View, dim: number, index: View, src: View): void;
  /**
   * The int32 index of the extreme element so far, at each position along `dim`: the last of equal ones, and NaN wins.
   * Left out on the CPU, like {@link scatter}.
   */
  argScan?(kind: "max" | "min", out: View, input: View, dim: number): void;
  /**
   * Checks that elements are from 0 to 1, on a device that is only read asynchronously: the next read throws what
   * `refuse` returns for an element that is not. Left out on devices with synchronous reads.
   */
  checkProbabilities?(op: string, x: View, refuse: (op: string, value: number) => Error): void;
  /** Fills `out` in row-major order with numbers of the counter-based generator, from `counter` on. */
  random(kind: RandomKind, out: View, seed: number, counter: number): void;
}
