import { checkArguments, describe, list } from "@thalweg/tensor/internal";
import type { Collated } from "./collate";
import { DataError } from "./data-error";
import { type Dataset, datasetOf, examples } from "./dataset";

/**
 * The examples of several datasets, one after another.
 *
 * @example
 * const all = new ConcatDataset([[10, 20], [30]]);
 * [all.length, all.get(2)]; // → [3,30]
 */
export class ConcatDataset<T> implements Dataset<T> {
  readonly datasets: readonly Dataset<T>[];
  /** Number of examples. */
  readonly length: number;
  /** The position of the first example behind each dataset. */
  private readonly ends: readonly number[];

  /**
   * @param datasets datasets, or arrays of examples
   * @throws DataError when there are none, or one is invalid.
   */
  constructor(datasets: readonly (Dataset<T> | readonly T[])[]) {
    checkArguments("ConcatDataset", { datasets: list(examples) }, [datasets]);
    if (datasets.length === 0)
      throw new DataError("ConcatDataset", "there are no datasets", "pass at least one");
    this.datasets = datasets.map((from) => datasetOf<T, Collated<T> | Promise<Collated<T>>>(from));
    let end = 0;
    this.ends = this.datasets.map(({ length }) => (end += length));
    this.length = end;
  }

  /** @throws DataError when there is no such example. */
  get(index: number): T {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      const problem = `there is no example ${describe(index)}, the datasets have ${this.length}`;
      throw new DataError("ConcatDataset", problem, "use a smaller one");
    }
    const at = this.ends.findIndex((end) => index < end);
    return this.datasets[at]!.get(index - (this.ends[at - 1] ?? 0));
  }
}
