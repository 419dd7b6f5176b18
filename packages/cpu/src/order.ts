/**
 * The order of sums. It is a contract of the library: all tiers, strides and numbers of threads compute the same bits,
 * because the order in which elements are combined depends only on their number.
 *
 * - A reduction of a row puts element r into lane r mod {@link laneCount}, in float32. After every {@link block} elements, and
 *   after the last one, {@link combineLanes} makes one float32 number of the lanes, and these start anew. The numbers
 *   of the blocks are combined in order, in float64. The result is finished in float64 and rounded once.
 * - An element of a matrix product is a sum over k in order, in float32, of products rounded to float32. After every
 *   {@link depth} terms the sum so far is added to the element, and the next sum starts at zero.
 *
 * So a row may be cut between blocks, but nowhere else, and the terms of a product only at multiples of the depth, one part
 * after the other. The float64 reference combines elements one by one and has no part in this.
 */

/** Partial sums of a row. */
export const laneCount = 8;

/** Elements of a row after which the lanes are combined. */
export const block = 256;

/** The number of terms of a product that are summed before their sum is added to the element. */
export const depth = 256;

/** The distances between the lanes that are joined, level by level: ((0 4) (1 5)) ((2 6) (3 7)). */
export const distances = [4, 1, 2] as const;

/** Combines all lanes, in the tree that {@link distances} describe. */
export function combineLanes<T>(lane: (k: number) => T, join: (a: T, b: T) => T): T {
  const pair = (k: number) => join(lane(k), lane(k + distances[0]));
  const four = (k: number) => join(pair(k), pair(k + distances[1]));
  return join(four(0), four(distances[2]));
}
