import type { DType, ElementArray } from "@thalweg/kernels";
import { checkShape, DTypeError, elementTypes, inMemory } from "@thalweg/kernels";

/** The numbers `of(0)`, `of(1)`, ..., rounded to the element type. */
export function numbers(op: string, dtype: DType, count: number, of: (i: number) => number): ElementArray {
  checkShape(op, [count]);
  const values = inMemory(op, count, () => elementTypes[dtype].array(count));
  for (let i = 0; i < count; i++) values[i] = of(i);
  return values;
}

/** Bits that the element types have for whole numbers and their negatives. */
const exactBits: Record<DType, number> = { float32: 24, float64: 53, int32: 31, bool: 1 };

/** Throws unless the element type holds the whole numbers from `low` to `high`; `what` says which they are. */
export function checkExact(op: string, dtype: DType, what: string, low: number, high: number): void {
  const bits = exactBits[dtype];
  const isHeld = dtype === "bool" ? low >= 0 && high <= 1 : low >= -(2 ** bits) && high <= 2 ** bits;
  if (isHeld && (dtype !== "int32" || high < 2 ** bits)) return;
  throw new DTypeError(
    op,
    `${dtype} holds whole numbers ${dtype === "bool" ? "from 0 to 1" : `from -2^${bits} to 2^${bits}`}, ${what} are ${low} to ${high}`,
    "use float64",
  );
}
