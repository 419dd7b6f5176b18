import type { DType, ElementArray } from "@thalweg/kernels";
import { checkShape, DTypeError, elementTypes, inMemory } from "@thalweg/kernels";

/** The numbers `of(0)`, `of(1)`, ..., rounded to the element type. */
export function numbers(op: string, dtype: DType, count: number, of: (i: number) => number): ElementArray {
  checkShape(op, [count]);
  const values = inMemory(op, count, () => elementTypes[dtype].array(count));
  for (let i = 0; i < count; i++) values[i] = of(i);
  return values;
}

/** The ranges of whole numbers that element types hold exactly. */
const whole: Record<DType, { readonly min: number; readonly max: number; readonly range: string }> = {
  float32: { min: -(2 ** 24), max: 2 ** 24, range: "from -2^24 to 2^24" },
  float64: { min: -(2 ** 53), max: 2 ** 53, range: "from -2^53 to 2^53" },
  int32: { min: -(2 ** 31), max: 2 ** 31 - 1, range: "from -2^31 to 2^31 - 1" },
  bool: { min: 0, max: 1, range: "from 0 to 1" },
};

/** Throws unless the element type holds the whole numbers from `low` to `high`, which errors call `what`. */
export function checkExact(op: string, dtype: DType, what: string, low: number, high: number): void {
  const { min, max, range } = whole[dtype];
  if (low >= min && high <= max) return;
  throw new DTypeError(
    op,
    `${dtype} holds whole numbers ${range}, ${what} are ${low} to ${high}`,
    "use float64",
  );
}
