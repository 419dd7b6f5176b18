import type { Expr } from "../expr";

/**
 * How a reduction combines two values. The result of an empty reduction is the neutral element. NaN wins in a
 * maximum and a minimum, and 0 is larger than -0. `fmax` is a maximum that ignores NaN, at a fraction of the cost.
 */
export type Combine = "sum" | "prod" | "max" | "min" | "fmax";

/** The value that a combination starts from: combining it with another value returns that value. */
export const neutral: Record<Combine, number> = {
  sum: 0,
  prod: 1,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  fmax: Number.NEGATIVE_INFINITY,
};

/** Like {@link neutral}, for ints. */
export const intNeutral: Record<Combine, number> = {
  ...neutral,
  max: -(2 ** 31),
  min: 2 ** 31 - 1,
  fmax: -(2 ** 31),
};

/** A map whose results are combined over some dimensions, then finished: `finish(combine(map(x)), count)`. */
export class ReduceProgram {
  readonly name: string;
  readonly inputs: number;
  readonly map: Expr;
  readonly combine: Combine;
  /** The result, from input 0, the combined value, and input 1, the number of elements that were combined. */
  readonly finish: Expr;
  readonly compiled: unknown[][] = [];

  constructor(name: string, combine: Combine, inputs: number, map: Expr, finish: Expr) {
    this.name = name;
    this.combine = combine;
    this.inputs = inputs;
    this.map = map;
    this.finish = finish;
  }
}
