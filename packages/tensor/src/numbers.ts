import type { DType } from "@thalweg/kernels";
import { checkShape, DTypeError, inMemory } from "@thalweg/kernels";

/** The numbers `of(0)`, `of(1)`, ..., rounded to the element type. */
export function numbers(op: string, dtype: DType, count: number, of: (i: number) => number) {
  checkShape(op, [count]);
  const Numbers = dtype === "float32" ? Float32Array : Float64Array;
  const values = inMemory(op, count, () => new Numbers(count));
  for (let i = 0; i < count; i++) values[i] = of(i);
  return values;
}

/** Whole numbers up to this one, and their negatives, are exact in float32. */
const mostExact = 2 ** 24;

/** Throws unless the element type holds the whole numbers from `low` to `high`; `what` says which they are. */
export function checkExact(op: string, dtype: DType, what: string, low: number, high: number): void {
  if (dtype !== "float32" || (low >= -mostExact && high <= mostExact)) return;
  throw new DTypeError(
    op,
    `float32 holds whole numbers from -2^24 to 2^24, ${what} are ${low} to ${high}`,
    "use float64",
  );
}
