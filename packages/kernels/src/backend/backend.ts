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

/** What a map reads: elements, or one number for all of them. */
export type Operand = View | number;

/** Whether a kernel reads elements, and not one number. */
export function isView(operand: Operand): operand is View {
  return typeof operand === "object";
}

/** What is done to each element of a product before it is stored: a map of it and of other operands. */
export interface Epilogue {
  /** Input 0 is the product. */
  readonly program: MapProgram;
  /** Its other inputs, already broadcast to the shape of the product. */
  readonly operands: readonly (View | number)[];
}

/** How many dimensions are the rows, the columns and the terms of a product. */
export interface Grouping {
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
}

/** What the tensors of a device take. */
export interface DeviceMemory {
  /** Bytes of tensors that exist. */
  readonly liveBytes: number;
  /** Bytes that wait for their next use. */
  readonly pooledBytes: number;
  /** Most bytes of tensors that existed at one time. */
  readonly peakBytes: number;
}

/** Distributions of the generator: [0, 1), or mean 0 and variance 1. */
export type RandomKind = "uniform" | "normal";

/**
 * The few kinds of kernel that a device offers. Outputs are allocated by the caller; every view may have
 * any strides, and all operands of a kernel belong to the backend that runs it. Programs are typed already
 * ({@link typedMap}): an input that is an int is one of int32 or bool, and so is an output. All other kernels
 * take data of one type.
 */
export interface Backend {
  readonly device: string;
  /** The element types that its storages can have. */
  readonly dtypes: readonly DType[];
  /** How kernels are run, for profiles. */
  readonly tier: string;
  /** How the last kernel was run, if in another way. */
  lastTier: string | null;
  /** What tensors take; left out where the backend has no memory of its own. */
  readonly deviceMemory?: DeviceMemory;
  /** Memory whose contents are whatever was there. The shape is for errors, here and below. */
  allocate(dtype: DType, size: number, shape?: Shape): Storage;
  /** Memory filled with a number that the element type holds. */
  filled(dtype: DType, size: number, value: number, shape?: Shape): Storage;
  /** Memory with these elements; the values are copied and rounded to the element type, which holds them. */
  upload(dtype: DType, values: ArrayLike<number>, shape?: Shape): Storage;
  /** The elements of a view in row-major order, in fresh memory. */
  read(view: View): Promise<ElementArray>;
  /** As {@link read}, at once; `op` is what the user called, should that not be possible. */
  readSync(view: View, op?: string): ElementArray;
  /** One element of a storage, read synchronously. */
  at(storage: Storage, position: number): number;

  /** Inputs are already broadcast to the shape of the outputs. An output may be an input exactly, not partly. */
  map(program: MapProgram, outputs: readonly View[], inputs: readonly (View | number)[]): void;
  /**
   * `out` has the shape of the inputs with `dims` set to 1. One input at least is a view. A number is a float, here and in
   * {@link rows}: it is rounded to float32, unless a view is of float64.
   */
  reduce(program: ReduceProgram, out: View, inputs: readonly Operand[], dims: readonly number[]): void;
  /**
   * Does what `runRows` composes of maps and reductions, if it can do so in one pass over the rows along
   * `dim`, and says whether it did. Without it, they are always composed.
   */
  rows?(program: RowProgram, outputs: readonly View[], inputs: readonly Operand[], dim: number): boolean;
  /** Index of the first extreme element along `dim` (NaN wins), an int32; `out` has extent 1 there. */
  argReduce(kind: "max" | "min", out: View, input: View, dim: number): void;
  /** First-order linear recurrence along `dim`: `out[0] = b[0]`, `out[i] = a[i] * out[i - 1] + b[i]`. */
  scan(out: View, a: View, b: View, dim: number): void;
  /** Indices that sort along `dim`, int32, stable, NaN as the largest. */
  argsort(out: View, input: View, dim: number, descending: boolean): void;
  /** `[...batch, m, k] x [...batch, k, n] -> [...batch, m, n]`, batch dimensions already broadcast; then the epilogue. */
  matmul(out: View, a: View, b: View, epilogue?: Epilogue): void;
  /**
   * As {@link matmul}, `[...batch, ...rows, ...terms] x [...batch, ...terms, ...columns] -> [...batch, m, n]`, if it
   * can be done without copies of the operands, and says whether it was done. Without it, operands are copied.
   */
  contract?(out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue): boolean;
  /** `out[.., i, ..] = input[.., index[.., i, ..], ..]` along `dim`; indices are int32 or float32. */
  gather(op: string, out: View, input: View, dim: number, index: View): void;
  /** `out[.., index[.., i, ..], ..] += src[.., i, ..]` along `dim`, duplicates included. */
  scatterAdd(op: string, out: View, dim: number, index: View, src: View): void;
  /**
   * Has the next read throw what `refuse` says of an element that is not from 0 to 1, where reads are waited for; left out
   * where they are at once.
   */
  checkProbabilities?(op: string, x: View, refuse: (op: string, value: number) => Error): void;
  /** Numbers of the counter-based generator, from `counter` on, in row-major order. */
  random(kind: RandomKind, out: View, seed: number, counter: number): void;
}
