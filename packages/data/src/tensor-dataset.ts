import { IndexError, ShapeError, type Tensor, tensor } from "@thalweg/tensor";
import { checkArguments, describe, formatShape, list, number, tensorKind } from "@thalweg/tensor/internal";
import type { Collated } from "./collate";
import type { Dataset } from "./dataset";

/**
 * The rows of tensors that belong together, such as inputs and targets: example `i` is row `i` of each.
 *
 * @example
 * const dataset = new TensorDataset(tensor([[1], [2], [3]]), tensor([3, 5, 7]));
 * dataset.length; // → 3
 * dataset.get(1).map((x) => x.toArray()); // → [[2],5]
 * dataset.batch([2, 0]).map((x) => x.toArray()); // → [[[3],[1]],[7,3]]
 */
export class TensorDataset<Tensors extends readonly Tensor[] = Tensor[]>
  implements Dataset<Tensors, Collated<Tensors>>
{
  /** Number of rows. */
  readonly length: number;
  /** The given tensors. */
  readonly tensors: Tensors;

  /** @throws ShapeError when there is no tensor, or when they differ in the size of dim 0. */
  constructor(...tensors: Tensors) {
    for (const x of tensors) checkArguments("TensorDataset", { "each argument": tensorKind }, [x]);
    const shapes = tensors.map((x) => x.shape);
    if (shapes.length === 0) {
      throw new ShapeError("TensorDataset", "there are no tensors", "pass at least one");
    }
    if (shapes.some((shape) => shape.length === 0)) {
      throw new ShapeError(
        "TensorDataset",
        `a scalar has no rows, shapes ${shapes.map(formatShape).join(" and ")}`,
        "unsqueeze(0) it",
        shapes,
      );
    }
    if (shapes.some((shape) => shape[0] !== shapes[0]![0])) {
      throw new ShapeError(
        "TensorDataset",
        `tensors differ in the number of rows, ${shapes.map(formatShape).join(" and ")}`,
        "dim 0 must be the same in all of them",
        shapes,
      );
    }
    this.tensors = tensors;
    this.length = shapes[0]![0]!;
  }

  /**
   * Row `index` of each tensor, without dim 0. Views.
   *
   * @throws IndexError when the row does not exist.
   */
  get(index: number): Tensors {
    this.check(index);
    return this.map((x) => x.select(0, index));
  }

  /**
   * The listed rows of each tensor, [indices.length, ...]. Copies.
   *
   * @throws IndexError when a row does not exist.
   */
  batch(indices: readonly number[]): Collated<Tensors> {
    checkArguments("batch", { indices: list(number) }, [indices]);
    for (const index of indices) this.check(index);
    const rows = Int32Array.from(indices);
    return this.map((x) => x.indexSelect(0, tensor(rows, { device: x.device })));
  }

  private map<Rows>(row: (x: Tensor) => Tensor): Rows {
    return this.tensors.map(row) as Rows;
  }

  private check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new IndexError(
        "TensorDataset",
        `there is no example ${describe(index)}, the dataset has ${this.length}`,
        this.length === 0 ? "it is empty" : `use whole numbers from 0 to ${this.length - 1}`,
      );
    }
  }
}
