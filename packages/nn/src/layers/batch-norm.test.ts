import { ones, randn, ShapeError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { BatchNorm1d, BatchNorm2d } from "../index";

describe("batch normalisation", () => {
  it("has PyTorch's state, statistics among the buffers", () => {
    const layer = new BatchNorm2d(3);
    expect(Object.keys(layer.stateDict())).toEqual([
      "weight",
      "bias",
      "running_mean",
      "running_var",
      "num_batches_tracked",
    ]);
    expect([...layer.namedParameters()].map(([name]) => name)).toEqual(["weight", "bias"]);
    expect(layer.numBatchesTracked!.shape).toEqual([]);
    const plain = new BatchNorm2d(3, { affine: false, trackRunningStats: false });
    expect(plain.stateDict()).toEqual({});
  });

  it("normalises by the batch in training, and by the running statistics otherwise", () => {
    const layer = new BatchNorm1d(1, { eps: 0 });
    expect(layer.forward(tensor([[1], [3]])).toArray()).toEqual([[-1], [1]]);
    expect(layer.numBatchesTracked!.item()).toBe(1);
    layer.eval();
    layer.loadStateDict({
      ...layer.stateDict(),
      running_mean: tensor([10]),
      running_var: tensor([4]),
    });
    expect(layer.forward(tensor([[12]])).toArray()).toEqual([[1]]);
    expect(layer.numBatchesTracked!.item()).toBe(1);
    expect(layer.runningMean!.toArray()).toEqual([10]);
  });

  it("keeps the mean of all batches without a momentum", () => {
    const layer = new BatchNorm1d(1, { momentum: null });
    for (const value of [1, 2, 6]) layer.forward(tensor([[value], [value]]));
    expect(layer.runningMean!.item()).toBeCloseTo(3, 6);
    expect(layer.numBatchesTracked!.item()).toBe(3);
  });

  it("can be reset", () => {
    const layer = new BatchNorm1d(2);
    layer.forward(randn([4, 2]));
    layer.resetParameters();
    expect(layer.runningMean!.toArray()).toEqual([0, 0]);
    expect(layer.runningVar!.toArray()).toEqual([1, 1]);
    expect(layer.numBatchesTracked!.item()).toBe(0);
  });

  it("keeps a constant batch finite, in value and gradient", () => {
    const x = ones([3, 2], { requiresGrad: true });
    const y = new BatchNorm1d(2).forward(x);
    y.sum().backward();
    expect(y.toArray()).toEqual(zeros([3, 2]).toArray());
    expect(x.grad!.isFinite().all().item()).toBe(1);
  });

  it("refuses inputs that do not fit, and a batch of one value", () => {
    expect(() => new BatchNorm2d(3).forward(zeros([2, 4, 5, 5]))).toThrow(ShapeError);
    expect(() => new BatchNorm2d(3).forward(zeros([2, 3]))).toThrow(
      "BatchNorm2d: the input does not fit, shape [2, 3] and 3 features; it must be [batch, 3, height, width]",
    );
    expect(() => new BatchNorm1d(3).forward(zeros([2, 4]))).toThrow(
      "BatchNorm1d: the input does not fit, shape [2, 4] and 3 features; it must be [batch, 3] or [batch, 3, length]",
    );
    const layer = new BatchNorm1d(3);
    expect(() => layer.forward(zeros([1, 3]))).toThrow(
      "BatchNorm1d: training needs more than one value per channel",
    );
    expect(layer.numBatchesTracked!.item()).toBe(0);
    expect(layer.eval().forward(zeros([1, 3])).shape).toEqual([1, 3]);
  });

  it("moves to another type with its statistics", () => {
    const layer = new BatchNorm1d(2).to("float64");
    expect(layer.forward(randn([3, 2], { dtype: "float64" })).dtype).toBe("float64");
    expect(layer.runningMean!.dtype).toBe("float64");
  });
});
