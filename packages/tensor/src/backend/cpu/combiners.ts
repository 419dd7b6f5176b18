import type { Combine } from "../../scalar/program";

/** NaN on either side wins in max and min, as Math has it. */
export const combiners: Record<Combine, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
};
