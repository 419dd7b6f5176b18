import { brandOf, type Kind, kind, oneOf, optional } from "@thalweg/tensor/internal";
import type { Elements, ReduceOp } from "./communicator";

/** The element types that are sent, in the order of their numbers in a {@link Call}. */
export const elementTypes = ["float32", "float64", "int32", "uint8"] as const;

/** The name of an element type. */
export type ElementType = (typeof elementTypes)[number];

/** The reductions, in the order of their numbers in a {@link Call}. */
export const reduceOps: readonly ReduceOp[] = ["sum", "max", "min"];

const brands: Readonly<Record<string, ElementType>> = {
  Float32Array: "float32",
  Float64Array: "float64",
  Int32Array: "int32",
  Uint8Array: "uint8",
};

/** The type of the elements. */
export function typeOf(elements: Elements): ElementType {
  return brands[brandOf(elements)]!;
}

/** Whether the elements are floats, of which sums are rounded and one can be NaN. */
export function isFloat(elements: Elements): boolean {
  return typeOf(elements).startsWith("float");
}

/** The argument for a buffer. */
export const elementsKind: Kind = kind(
  "a Float32Array, Float64Array, Int32Array or Uint8Array",
  (value) => ArrayBuffer.isView(value) && brandOf(value) in brands,
);

/** The argument for a reduction. */
export const reduceOpKind: Kind = optional(oneOf(...reduceOps));

/** New elements of the type of others. */
export function elementsLike(elements: Elements, length: number): Elements {
  return new (elements.constructor as new (length: number) => Elements)(length);
}

/** Combines elements with others of the same type and length, and keeps the result; sums are rounded to the type. */
export function combine(into: Elements, from: Elements, op: ReduceOp): void {
  const { length } = into;
  if (op === "sum") for (let i = 0; i < length; i++) into[i] = into[i]! + from[i]!;
  else if (op === "max") for (let i = 0; i < length; i++) into[i] = Math.max(into[i]!, from[i]!);
  else for (let i = 0; i < length; i++) into[i] = Math.min(into[i]!, from[i]!);
}

/** Bounds of the block of each rank, when elements are divided among ranks as evenly as can be. */
export function blocksOf(length: number, size: number): number[] {
  return Array.from({ length: size + 1 }, (_, rank) => Math.floor((rank * length) / size));
}

/** Parts of at most `most` elements, views of the same memory. */
export function piecesOf<E extends Elements>(elements: E, most: number): E[] {
  const count = Math.ceil(elements.length / most);
  return Array.from({ length: count }, (_, i) => elements.subarray(i * most, (i + 1) * most) as E);
}
