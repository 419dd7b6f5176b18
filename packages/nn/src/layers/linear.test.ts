import { manualSeed, ShapeError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { Linear } from "../index";

describe("Linear", () => {
  it("multiplies by the transposed weight and adds the bias", () => {
    const layer = new Linear(2, 3);
    layer.loadStateDict({
      weight: tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      bias: tensor([10, 20, 30]),
    });
    expect(
      layer
        .forward(
          tensor([
            [1, 1],
            [0, 2],
          ]),
        )
        .toArray(),
    ).toEqual([
      [13, 27, 41],
      [14, 28, 42],
    ]);
  });

  it("takes vectors and any number of leading dimensions", () => {
    const layer = new Linear(4, 3);
    for (const lead of [[], [2], [2, 5], [0]]) {
      expect(layer.forward(zeros([...lead, 4])).shape).toEqual([...lead, 3]);
    }
  });

  it("has no bias when bias is false", () => {
    const layer = new Linear(2, 1, { bias: false });
    expect(layer.bias).toBeNull();
    expect(Object.keys(layer.stateDict())).toEqual(["weight"]);
    expect(layer.forward(zeros([1, 2])).toArray()).toEqual([[0]]);
  });

  it("starts uniform within one over the root of its inputs, weight and bias alike", () => {
    manualSeed(1);
    const inputs = 100;
    const layer = new Linear(inputs, 400);
    const bound = 1 / Math.sqrt(inputs);
    for (const parameter of [layer.weight, layer.bias!]) {
      expect(parameter.abs().max().item()).toBeLessThanOrEqual(Math.fround(bound));
      expect(parameter.abs().max().item()).toBeGreaterThan(0.95 * bound);
      const deviation = 4 / Math.sqrt(parameter.size);
      expect(Math.abs(parameter.mean().item()) / bound).toBeLessThan(deviation);
      expect(Math.abs(parameter.var().item() / (bound ** 2 / 3) - 1)).toBeLessThan(deviation);
    }
  });

  it("starts from the seed", () => {
    const weights = () => {
      manualSeed(5);
      return new Linear(3, 2).stateDict();
    };
    const [a, b] = [weights(), weights()];
    expect(a.weight!.toArray()).toEqual(b.weight!.toArray());
    expect(a.bias!.toArray()).toEqual(b.bias!.toArray());
    expect(new Linear(3, 2).weight.toArray()).not.toEqual(a.weight!.toArray());
  });

  it("refuses an input whose last dimension does not fit", () => {
    const layer = new Linear(4, 3);
    expect(() => layer.forward(zeros([2, 5]))).toThrow(ShapeError);
    expect(() => layer.forward(zeros([2, 5]))).toThrow(
      "Linear: the input does not fit, shape [2, 5] and 4 inputs; its last dimension must be 4",
    );
    expect(() => layer.forward(zeros([]))).toThrow("Linear: the input does not fit, shape [] and 4 inputs");
  });

  it("gives gradients to input, weight and bias", () => {
    const layer = new Linear(2, 1);
    layer.loadStateDict({ weight: tensor([[2, 3]]), bias: tensor([1]) });
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    layer.forward(x).sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(layer.weight.grad!.toArray()).toEqual([[4, 6]]);
    expect(layer.bias!.grad!.toArray()).toEqual([2]);
  });

  it("may have nothing to learn", () => {
    expect(new Linear(0, 2).forward(zeros([3, 0])).shape).toEqual([3, 2]);
    expect(new Linear(2, 0).forward(zeros([3, 2])).shape).toEqual([3, 0]);
  });
});
