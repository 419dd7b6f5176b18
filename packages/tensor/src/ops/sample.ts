import type { Shape } from "@thalweg/kernels";

/** A source of random choices. `@thalweg/testing` makes one from fast-check, so that samples shrink. */
export interface Draw {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True or false. */
  boolean(): boolean;
  /** One of the values. */
  pick<T>(values: readonly T[]): T;
  /** A small shape with a rank in the range. */
  shape(minRank: number, maxRank: number): number[];
}

/** The numbers that an input may hold. */
export interface Domain {
  readonly min: number;
  readonly max: number;
  /** Points where the operation is not smooth, from which samples keep a distance; none unless given. */
  readonly avoid?: readonly number[];
  /**
   * Whole numbers only, with `max` included, for indices and masks. Such inputs are not differentiated. False unless
   * given.
   */
  readonly whole?: boolean;
  /** All elements differ clearly, as extrema and sorting need; false unless given. */
  readonly distinct?: boolean;
}

/** Shape and numbers of one input of a sample. */
export interface InputSample {
  readonly shape: Shape;
  /** From -2 to 2 unless given. */
  readonly domain?: Domain;
}

/** One valid call of an operation. */
export interface Sample<A> {
  readonly inputs: readonly InputSample[];
  readonly attrs: A;
}

/** Draws a valid call at random. */
export type SampleDrawer<A> = (draw: Draw) => Sample<A>;

/** A call that must throw, of the public function `fn`; the function of the operation's name unless given. */
export interface ErrorSample {
  readonly fn?: string;
  /** Shapes of the first arguments, which are tensors. With `list` they are one array of tensors. */
  readonly shapes: readonly Shape[];
  readonly list?: boolean;
  readonly args?: readonly unknown[];
}

/** A call along a dimension that the tensor does not have. */
export const noSuchDim: ErrorSample = { shapes: [[2, 3]], args: [2] };

/** The domain unless given. */
export const anywhere: Domain = { min: -2, max: 2 };

/**
 * The domain of rows that are divided by their deviation. The numbers are so far apart that float32 resolves the
 * difference of two neighbours.
 */
export const spreadOut: Domain = { min: -8, max: 8, distinct: true };

/** Draws shapes that broadcast together. */
export function broadcastable(draw: Draw, count: number): Shape[] {
  const shape = draw.shape(0, 3);
  return Array.from({ length: count }, (_, k) => {
    if (k === 0) return shape;
    const from = draw.int(0, shape.length);
    return shape.slice(from).map((extent) => (draw.int(0, 3) === 0 ? 1 : extent));
  });
}
