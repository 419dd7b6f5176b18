import { fc, test } from "@fast-check/vitest";
import { arange, IndexError, ShapeError, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { TensorDataset } from "./tensor-dataset";

const dataset = new TensorDataset(
  tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
  tensor([10, 20, 30]),
);

describe("TensorDataset", () => {
  it("returns rows, one tensor each", () => {
    expect(dataset.length).toBe(3);
    const [x, y] = dataset.get(1);
    expectTypeOf(x).toEqualTypeOf<Tensor>();
    expect([x.toArray(), y.toArray()]).toEqual([[3, 4], 20]);
  });

  test.prop([
    fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(fc.constant(n), fc.array(fc.nat({ max: n - 1 })))),
  ])("returns batches of any rows, repeated or not", ([n, indices]) => {
    const [x, y] = new TensorDataset(arange(2 * n).reshape([n, 2]), arange(n)).batch(indices);
    expect(x.shape).toEqual([indices.length, 2]);
    expect(y.toArray()).toEqual(indices);
    expect([...x.dataSync()]).toEqual(indices.flatMap((i) => [2 * i, 2 * i + 1]));
  });

  it("keeps element type and reads through views", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "float64" },
    ).transpose(0, 1);
    const [batch] = new TensorDataset(x).batch([1]);
    expect([batch.dtype, batch.toArray()]).toEqual(["float64", [[2, 4]]]);
  });

  it("copies in batches, so that writing to one leaves the data alone", () => {
    const x = tensor([1, 2]);
    new TensorDataset(x).batch([0, 1])[0].fill_(0);
    expect(x.toArray()).toEqual([1, 2]);
  });

  it("refuses tensors that do not belong together", () => {
    expect(() => new TensorDataset(zeros([3, 1]), zeros([4]))).toThrow(
      "TensorDataset: tensors differ in the number of rows, [3, 1] and [4]; dim 0 must be the same in all of them",
    );
    expect(() => new TensorDataset(zeros([3]), zeros([]))).toThrow(
      "TensorDataset: a scalar has no rows, shapes [3] and []; unsqueeze(0) it",
    );
    expect(() => new TensorDataset()).toThrow("TensorDataset: there are no tensors; pass at least one");
    expect(() => new TensorDataset()).toThrow(ShapeError);
  });

  it.each([3, -1, 0.5])("has no example %s", (index) => {
    const text = `TensorDataset: there is no example ${index}, the dataset has 3; use whole numbers from 0 to 2`;
    expect(() => dataset.get(index)).toThrow(text);
    expect(() => dataset.batch([0, index])).toThrow(new IndexError("TensorDataset", text.slice(15)));
  });

  it("finds rows beyond the range of float32's whole numbers", () => {
    const x = zeros([2 ** 24 + 2]);
    x.narrow(0, 2 ** 24 + 1, 1).fill_(7);
    expect(new TensorDataset(x).batch([2 ** 24 + 1, 0, 2 ** 24])[0].toArray()).toEqual([7, 0, 0]);
  });

  it("may be empty", () => {
    const empty = new TensorDataset(zeros([0, 2]));
    expect(empty.batch([])[0].shape).toEqual([0, 2]);
    expect(() => empty.get(0)).toThrow("there is no example 0, the dataset has 0; it is empty");
  });
});
