import { ones, randn, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { AdaptiveAvgPool2d, GroupNorm, LayerNorm, MaxPool2d, RMSNorm } from "../index";

describe("normalisation of layers", () => {
  it("starts with weight 1 and bias 0, if it has them", () => {
    const layer = new LayerNorm([2, 3]);
    expect(layer.weight!.toArray()).toEqual(ones([2, 3]).toArray());
    expect(layer.bias!.toArray()).toEqual(zeros([2, 3]).toArray());
    expect(Object.keys(new LayerNorm(3, { bias: false }).stateDict())).toEqual(["weight"]);
    expect(new LayerNorm(3, { elementwiseAffine: false }).stateDict()).toEqual({});
    expect(Object.keys(new GroupNorm(2, 4).stateDict())).toEqual(["weight", "bias"]);
    expect(Object.keys(new RMSNorm(4).stateDict())).toEqual(["weight"]);
  });

  it("divides by the root of the mean square", () => {
    const layer = new RMSNorm(2, { eps: 0 });
    layer.loadStateDict({ weight: tensor([1, 2]) });
    expect(layer.forward(tensor([[1, 7]])).toArray()).toEqual([[Math.fround(0.2), Math.fround(2.8)]]);
  });

  it("refuses groups that do not divide the channels", () => {
    expect(() => new GroupNorm(2, 3)).toThrow(
      "GroupNorm: the channels cannot be divided, 3 channels and 2 groups; their number must be a multiple of the groups",
    );
    expect(() => new LayerNorm(3).forward(randn([2, 4]))).toThrow(
      "LayerNorm: the input does not end in the normalized shape, [2, 4] and [3]",
    );
  });

  it("prints its options, as pooling does", () => {
    expect(new LayerNorm(3).toString()).toBe("LayerNorm([3], eps=0.00001, elementwiseAffine=true)");
    expect(new GroupNorm(2, 4).toString()).toBe("GroupNorm(2, 4, eps=0.00001, affine=true)");
    expect(new MaxPool2d(2, { stride: 1 }).toString()).toBe("MaxPool2d(kernelSize=2, stride=1)");
    expect(new AdaptiveAvgPool2d([1, null]).toString()).toBe("AdaptiveAvgPool2d(outputSize=[1,null])");
  });
});
