import type { Combine } from "@thalweg/kernels";

export const combiners: Record<Combine, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  // biome-ignore lint/complexity/useMathMinMax: NaN is to be ignored.
  fmax: (a, b) => (a < b ? b : a),
};

/** The same in JavaScript's words. */
export const combinerSources: Record<Combine, (a: string, b: string) => string> = {
  sum: (a, b) => `(${a}+${b})`,
  prod: (a, b) => `(${a}*${b})`,
  max: (a, b) => `Math.max(${a},${b})`,
  min: (a, b) => `Math.min(${a},${b})`,
  fmax: (a, b) => `(${a}<${b}?${b}:${a})`,
};

/** As {@link combinerSources}, of ints. */
export const intCombinerSources: typeof combinerSources = {
  ...combinerSources,
  sum: (a, b) => `(${a}+${b}|0)`,
  prod: (a, b) => `Math.imul(${a},${b})`,
};

/** The same for ints, which wrap. */
export const intCombiners: Record<Combine, (a: number, b: number) => number> = {
  ...combiners,
  sum: (a, b) => (a + b) | 0,
  prod: Math.imul,
};
