import type { Tensor } from "thalweg";

/** target = intercept + sum over k of coefficients[k] * column k. */
export interface Fit {
  readonly coefficients: readonly number[];
  readonly intercept: number;
}

/** The data to fit, in the form that is used for training. */
export interface Problem {
  /** Names of the coefficients and the intercept in the output. */
  readonly names: { readonly coefficients: readonly string[]; readonly intercept: string };
  /** Name of the predicted column. */
  readonly target: string;
  /** [rows, columns] */
  readonly x: Tensor;
  /** [rows, 1] */
  readonly y: Tensor;
  /** The fit that the data were made from, if it is known. */
  readonly truth?: Fit;
  /** Turns the model's parameters into a fit in the units of the data. */
  inOriginalUnits(parameters: Fit): Fit;
  /** Share of the target's variance that a fit explains, and its typical error, in the units of the data. */
  quality(fit: Fit): { readonly rSquared: number; readonly rootMeanSquare: number };
}

/** Compares a fit with the data, in double precision. */
export function quality(x: readonly ArrayLike<number>[], y: ArrayLike<number>, fit: Fit) {
  const targets = Array.from(y);
  const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  let [residual, total] = [0, 0];
  targets.forEach((target, i) => {
    const predicted = fit.coefficients.reduce((sum, w, k) => sum + w * x[k]![i]!, fit.intercept);
    residual += (target - predicted) ** 2;
    total += (target - mean) ** 2;
  });
  return {
    rSquared: total === 0 ? 1 : 1 - residual / total,
    rootMeanSquare: Math.sqrt(residual / targets.length),
  };
}
