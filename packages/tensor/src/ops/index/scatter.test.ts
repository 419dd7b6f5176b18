import { DTypeError, IndexError, ShapeError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import {
  indexAdd,
  indexCopy,
  indexFill,
  ones,
  type ScatterReduction,
  scatter,
  scatterReduce,
  tensor,
  zeros,
} from "../../index";

describe("scatter", () => {
  it("writes the last of several elements at one place", () => {
    const src = tensor([1, 2, 3]);
    expect(scatter(zeros([2]), 0, tensor([1, 1, 0]), src).toArray()).toEqual([3, 2]);
  });

  it("keeps the type, and refuses another one", () => {
    const x = tensor([1, 2], { dtype: "int32" });
    expect(scatter(x, 0, tensor([1]), 7)).toMatchObject({ dtype: "int32" });
    expect(scatter(tensor([true, true]), 0, tensor([1]), 0).toArray()).toEqual([1, 0]);
    expect(() => scatter(x, 0, tensor([1]), tensor([0.5]))).toThrow(DTypeError);
  });

  it("takes an empty index", () => {
    expect(scatter(ones([2]), 0, zeros([0]), zeros([0])).toArray()).toEqual([1, 1]);
  });

  it("refuses an index outside of the dimension, or larger than the source", () => {
    expect(() => scatter(zeros([2]), 0, tensor([2]), 1)).toThrow(
      "scatter: index 2 is not one of the 2 positions of the dimension; indices are whole numbers from 0 to 1",
    );
    expect(() => scatter(zeros([2]), 0, tensor([-1]), 1)).toThrow(IndexError);
    expect(() => scatter(zeros([2]), 0, tensor([0, 1]), tensor([1]))).toThrow(ShapeError);
    expect(() => scatter(zeros([2]), 0, tensor([true]), 1)).toThrow(
      "scatter: an index must be whole numbers, got bool; choose by a condition with where",
    );
  });
});

describe("scatterReduce", () => {
  const [x, index, src] = [tensor([10, 20, 30]), tensor([0, 0, 2]), tensor([2, 4, 50])];
  const expected: Record<ScatterReduction, [withSelf: number[], alone: number[]]> = {
    sum: [
      [16, 20, 80],
      [6, 20, 50],
    ],
    prod: [
      [80, 20, 1500],
      [8, 20, 50],
    ],
    mean: [
      [16 / 3, 20, 40],
      [3, 20, 50],
    ],
    amax: [
      [10, 20, 50],
      [4, 20, 50],
    ],
    amin: [
      [2, 20, 30],
      [2, 20, 50],
    ],
  };

  it.each(Object.keys(expected) as ScatterReduction[])(
    "%s counts the elements themselves, or not",
    (reduce) => {
      const [withSelf, alone] = expected[reduce];
      const options = { dtype: "float64" } as const;
      const call = (includeSelf: boolean) =>
        scatterReduce(x.to("float64"), 0, index, src.to("float64"), reduce, { includeSelf });
      expect(call(true).toArray()).toEqual(tensor(withSelf, options).toArray());
      expect(call(false).toArray()).toEqual(tensor(alone, options).toArray());
    },
  );

  it.each(["sum", "prod", "mean", "amax", "amin"] as const)("%s of ints is int", (reduce) => {
    const ints = tensor([-7, 3], { dtype: "int32" });
    const found = scatterReduce(ints, 0, tensor([0]), tensor([2], { dtype: "int32" }), reduce);
    expect(found.dtype).toBe("int32");
    // The mean is rounded down.
    if (reduce === "mean") expect(found.toArray()).toEqual([-3, 3]);
  });

  it("refuses another reduction", () => {
    expect(() => scatterReduce(x, 0, index, src, "max" as ScatterReduction)).toThrow(
      'scatterReduce: reduce must be "sum" or "prod" or "mean" or "amax" or "amin", got "max"; call it as scatterReduce(x, dim, index, src, reduce, { includeSelf? })',
    );
  });
});

describe("writes at positions along a dimension", () => {
  it("refuse a source of another shape, an index that is no vector, and a value with dimensions", () => {
    const x = zeros([2, 3]);
    expect(() => indexAdd(x, 1, tensor([0]), ones([2, 2]))).toThrow(
      "indexAdd: the source does not fit, [2, 2] and [2, 1]; it has the shape of the tensor, with a place for each index",
    );
    expect(() => indexCopy(x, 0, tensor([[0]]), ones([1, 3]))).toThrow(
      "indexCopy: the index must be a vector, got shape [1, 1]; flatten it first",
    );
    expect(() => indexFill(x, 0, tensor([0]), ones([1]))).toThrow(
      "indexFill: the value must be a number or have rank 0, got shape [1]; use indexCopy for several values",
    );
    expect(() => indexFill(x, 0, tensor([true]), 1)).toThrow(
      "indexFill: an index must be whole numbers, got bool",
    );
    expect(() => indexFill(x, 0, tensor([-3]), 1)).toThrow(
      "indexFill: index -3 is not one of the 2 positions",
    );
  });
});
