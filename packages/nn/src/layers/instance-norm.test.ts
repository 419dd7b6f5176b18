import { ones, randn } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { BatchNorm1d, InstanceNorm1d, InstanceNorm2d } from "../index";

describe("InstanceNorm", () => {
  it("needs no batch, and gives an instance the same alone as in one", () => {
    const layer = new InstanceNorm2d(2, { affine: true });
    const x = randn([3, 2, 4, 5]);
    const whole = layer.forward(x);
    expect(layer.forward(x.select(0, 1)).toArray()).toEqual(whole.select(0, 1).toArray());
  });

  it("follows the means over the batch, and uses them in eval mode only if it keeps them", () => {
    const layer = new InstanceNorm1d(2, { trackRunningStats: true, momentum: 1 });
    const x = randn([3, 2, 6]);
    layer.forward(x);
    expect(
      layer
        .runningMean!.sub(x.mean([0, 2]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-6);
    const variance = x.var(2).mean(0);
    expect(layer.runningVar!.sub(variance).abs().max().item()).toBeLessThan(1e-5);
    expect(layer.numBatchesTracked!.item()).toBe(0);
    layer.eval();
    const y = layer.forward(ones([1, 2, 1]));
    expect(y.shape).toEqual([1, 2, 1]);
    layer.resetRunningStats();
    expect(layer.runningVar!.toArray()).toEqual([1, 1]);
    const plain = new InstanceNorm1d(2);
    expect(plain.eval().forward(x).toArray()).toEqual(plain.train().forward(x).toArray());
    expect(plain).not.toBeInstanceOf(BatchNorm1d);
  });

  it("refuses other features, and instances of one value", () => {
    const layer = new InstanceNorm1d(2);
    expect(() => layer.forward(ones([3, 3, 4]))).toThrow(
      "InstanceNorm1d: the input does not fit, shape [3, 3, 4] and 2 features; it must be [batch, 2, length] or [2, length]",
    );
    expect(() => layer.forward(ones([3, 2, 1]))).toThrow(
      "InstanceNorm1d: an instance needs more than one value per channel, shape [3, 2, 1] has one",
    );
    expect(() => new InstanceNorm1d(2, { momentum: null as never })).toThrow(
      "momentum must be a finite number",
    );
  });
});
