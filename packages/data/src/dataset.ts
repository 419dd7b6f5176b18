import type { Collated } from "./collate";

/**
 * Examples that can be counted and fetched by position. Any object with these two members is one.
 *
 * `get` may return a promise (of an example that is read from a disk, say); such a dataset is iterated
 * with `for await`.
 *
 * @typeParam T one example: a tensor, a number, or an array or plain object of them
 * @example
 * const squares: Dataset<[number, number]> = { length: 4, get: (i) => [i, i * i] };
 * [...new DataLoader(squares, { batchSize: 4 })].map(([x, y]) => [x.toArray(), y.toArray()]); // → [[[0,1,2,3],[0,1,4,9]]]
 */
export interface Dataset<T> {
  /** Number of examples. */
  readonly length: number;
  /** The example at `index`, from 0 to `length - 1`. */
  get(index: number): T;
  /** Several examples at once, already joined; used in place of `get` where it is there. */
  batch?(indices: readonly number[]): Collated<T> | Promise<Collated<T>>;
}
