import type { DType, Tensor } from "@thalweg/tensor";
import { atLeastZero } from "@thalweg/tensor/internal";
import { sizesOf } from "./arguments";

/**
 * Options of {@link pinv} and {@link matrixRank}. A singular value counts as 0 up to the larger one of `atol` and `rtol` times the largest
 * singular value.
 */
export interface ToleranceOptions {
  /** Absolute part of the tolerance; 0 unless given. */
  readonly atol?: number;
  /**
   * Relative part of the tolerance; unless given, the larger number of rows and columns times the precision of the element type, or 0 if
   * `atol` is above 0.
   */
  readonly rtol?: number;
}

export const toleranceKinds = { atol: atLeastZero, rtol: atLeastZero };

export interface Bounds {
  readonly atol: number;
  readonly rtol: number;
}

const precision = (dtype: DType): number => (dtype === "float64" ? Number.EPSILON : 2 ** -23);

/** The default of `rtol`. */
export const relativeBound = (op: string, x: Tensor): number =>
  Math.max(...sizesOf(op, x)) * precision(x.dtype);

export function boundsOf(op: string, x: Tensor, { atol = 0, rtol }: ToleranceOptions): Bounds {
  return { atol, rtol: rtol ?? (atol > 0 ? 0 : relativeBound(op, x)) };
}

/** How many of the singular values, in descending order, do not count as 0. */
export function rankOf(S: Float64Array, { atol, rtol }: Bounds): number {
  const bound = Math.max(atol, rtol * (S[0] ?? 0));
  const first = S.findIndex((s) => !(s > bound));
  return first < 0 ? S.length : first;
}
