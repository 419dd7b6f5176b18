/**
 * Element type. Training uses `float32`; `float64` exists on the CPU, for checking; positions and counts are
 * `int32`, conditions `bool`. Both of these take 32 bits an element, as devices address no fewer.
 */
export type DType = "float32" | "float64" | "int32" | "bool";

/** What an element is, whatever its precision: from left to right, each can be converted to the next. */
export type ScalarKind = "bool" | "int" | "float";

/** What the library knows about an element type. */
export interface ElementType {
  readonly kind: ScalarKind;
  /** Bytes of an element. */
  readonly bytes: number;
  /** Order of promotion: an operation of two types computes in the later one. */
  readonly rank: number;
  /** An array of so many zeros. */
  readonly array: (size: number) => ElementArray;
}

/** Elements as storages of the CPU keep them. */
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
  // Asked of every result: a comparison is faster than a look into the table.
  return dtype === "float32" || dtype === "float64";
}

/** The element type of values of a kind, of which floating ones are `float`. */
export function dtypeOf(kind: ScalarKind, float: DType): DType {
  if (kind === "float") return float;
  return kind === "int" ? "int32" : "bool";
}

const kinds: readonly ScalarKind[] = ["bool", "int", "float"];

/** Whether elements of the first kind can be converted to the second without an explicit cast. */
export function isConvertible(from: ScalarKind, to: ScalarKind): boolean {
  return kinds.indexOf(from) <= kinds.indexOf(to);
}

/** The kind in which an operation of both computes. */
export function promoteKinds(a: ScalarKind, b: ScalarKind): ScalarKind {
  return isConvertible(a, b) ? b : a;
}

/** The type in which an operation of both computes. */
export function promote(a: DType, b: DType): DType {
  return elementTypes[a].rank >= elementTypes[b].rank ? a : b;
}

/** Whether a number is one that int32 holds. */
export function isInt32(value: number): boolean {
  return (value | 0) === value;
}

/** The number as a conversion to int32 makes it of a float: towards 0, at most the extremes, and 0 for NaN. */
export function toInt32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))) | 0;
}
