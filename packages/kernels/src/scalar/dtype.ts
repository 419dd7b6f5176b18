/**
 * The type of the elements of a tensor. Training uses `float32`. `float64` exists on the CPU, for checks.
 * Positions and counts are `int32`, conditions are `bool`. Both take 32 bits an element, because WebGPU addresses
 * no less.
 */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The kind of an element, regardless of its precision. Each kind can be converted to those on its right. */
export type ScalarKind = "bool" | "int" | "float";

/** The properties of an element type. */
export interface ElementType {
  readonly kind: ScalarKind;
  /** Bytes of an element. */
  readonly bytes: number;
  /** Order of promotion: an operation of two types computes in the later one. */
  readonly rank: number;
  /** Makes an array of `size` zeros. */
  readonly array: (size: number) => ElementArray;
}

/** The arrays in which storages of the CPU keep elements. */
export type ElementArray = Float32Array | Float64Array | Int32Array;

/** The element types, by name. */
export const elementTypes: Readonly<Record<DType, ElementType>> = {
  bool: { kind: "bool", bytes: 4, rank: 0, array: (size) => new Int32Array(size) },
  int32: { kind: "int", bytes: 4, rank: 1, array: (size) => new Int32Array(size) },
  float32: { kind: "float", bytes: 4, rank: 2, array: (size) => new Float32Array(size) },
  float64: { kind: "float", bytes: 8, rank: 3, array: (size) => new Float64Array(size) },
};

/** Whether elements of this type can carry a gradient. */
export function isFloating(dtype: DType): boolean {
  // Called for every result, and comparisons are faster than a look-up in the table.
  return dtype === "float32" || dtype === "float64";
}

/** The element type for values of a kind; `float` is the one for floating-point values. */
export function dtypeOf(kind: ScalarKind, float: DType): DType {
  if (kind === "float") return float;
  return kind === "int" ? "int32" : "bool";
}

const kinds: readonly ScalarKind[] = ["bool", "int", "float"];

/** Whether elements of the first kind can be converted to the second without an explicit cast. */
export function isConvertible(from: ScalarKind, to: ScalarKind): boolean {
  return kinds.indexOf(from) <= kinds.indexOf(to);
}

/** The kind in which an operation on both computes. */
export function promoteKinds(a: ScalarKind, b: ScalarKind): ScalarKind {
  return isConvertible(a, b) ? b : a;
}

/** The type in which an operation on both computes. */
export function promote(a: DType, b: DType): DType {
  return elementTypes[a].rank >= elementTypes[b].rank ? a : b;
}

/** Whether int32 can represent a number. */
export function isInt32(value: number): boolean {
  return (value | 0) === value;
}

/** Converts a float to int32: rounds towards 0, limits to the range of int32, and turns NaN into 0. */
export function toInt32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))) | 0;
}
