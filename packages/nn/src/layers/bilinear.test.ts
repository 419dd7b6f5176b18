import { manualSeed, ShapeError, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectUniform } from "../../test/moments";
import { Bilinear } from "../index";

describe("Bilinear", () => {
  it("starts uniform within one over the root of its first inputs", () => {
    manualSeed(1);
    const { weight, bias } = new Bilinear(25, 4, 900);
    expectUniform(weight, 1 / 5);
    expectUniform(bias!, 1 / 5);
  });

  it("has PyTorch's state, and no bias when bias is false", () => {
    expect(Object.keys(new Bilinear(2, 3, 4).stateDict())).toEqual(["weight", "bias"]);
    const layer = new Bilinear(2, 3, 4, { bias: false });
    expect([Object.keys(layer.stateDict()), layer.weight.shape]).toEqual([["weight"], [4, 2, 3]]);
    expect(String(layer)).toBe("Bilinear(in1Features=2, in2Features=3, outFeatures=4, bias=false)");
  });

  it("takes any number of leading dimensions", () => {
    const layer = new Bilinear(2, 3, 4);
    for (const lead of [[], [2], [2, 5], [0]]) {
      expect(layer.forward(zeros([...lead, 2]), zeros([...lead, 3])).shape).toEqual([...lead, 4]);
    }
  });

  it("refuses inputs that do not fit", () => {
    const layer = new Bilinear(2, 3, 4);
    expect(() => layer.forward(zeros([5, 2]), zeros([4, 3]))).toThrow(ShapeError);
    expect(() => layer.forward(zeros([5, 2]), zeros([5, 2]))).toThrow(
      "Bilinear: the inputs do not fit, shapes [5, 2] and [5, 2]; they must be [..., 2] and [..., 3], and otherwise equal",
    );
    expect(() => new Bilinear(0, 3, 4)).toThrow(
      "Bilinear: in1Features must be a whole number from 1 on, got 0; call it as new Bilinear(in1Features, in2Features, outFeatures, { bias? })",
    );
  });
});
