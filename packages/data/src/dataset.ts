import { describe, type Kind, kind } from "@thalweg/tensor/internal";
import type { Collated } from "./collate";
import { DataError } from "./data-error";

/**
 * Examples that can be counted and fetched by position. Any object with these two members is one.
 *
 * `get` may return a promise, of an example that is read from a disk for instance; such a dataset is iterated
 * with `for await`.
 *
 * @typeParam T one example: a tensor, a number, a text, or an array or plain object of them
 * @typeParam Joined what `batch` returns
 * @example
 * const squares: Dataset<[number, number]> = { length: 4, get: (i) => [i, i * i] };
 * [...new DataLoader(squares, { batchSize: 4 })].map(([x, y]) => [x.toArray(), y.toArray()]); // → [[[0,1,2,3],[0,1,4,9]]]
 */
export interface Dataset<T, Joined = Collated<T> | Promise<Collated<T>>> {
  /** Number of examples. */
  readonly length: number;
  /** The example at `index`, from 0 to `length - 1`. */
  get(index: number): T;
  /** Several examples at once, already joined. Without it, each is fetched by `get` and they are joined afterwards. */
  batch?(indices: readonly number[]): Joined;
}

/** Whether a value is a count: a whole number from 0 on. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";

/** The argument for a dataset, or an array. */
export const examples: Kind = {
  ...kind("a dataset", (value) => {
    if (Array.isArray(value)) return true;
    const { get, length, batch } = Object(value) as Partial<Dataset<unknown>>;
    return typeof get === "function" && isCount(length) && ["function", "undefined"].includes(typeof batch);
  }),
  explain(op, value) {
    let got = value === undefined ? "nothing" : describe(value);
    if (typeof value === "object" && value !== null) {
      const { get, length } = value as Partial<Dataset<unknown>>;
      got = `get of type ${typeof get} and length ${describe(length)}`;
    }
    return new DataError(
      op,
      `a dataset needs get(index) and a length, got ${got}`,
      "wrap tensors: new TensorDataset(inputs, targets)",
    );
  },
};

/** The dataset itself, or one of the elements of an array. */
export function datasetOf<T, Joined>(from: Dataset<T, Joined> | readonly T[]): Dataset<T, Joined> {
  if (!Array.isArray(from)) return from as Dataset<T, Joined>;
  const list: readonly T[] = from;
  return {
    get length() {
      return list.length;
    },
    get: (index) => list[index] as T,
  };
}
