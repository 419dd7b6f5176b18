import { manualSeed, randn, type Tensor, ThalwegError, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { Conv1d, Conv2d, ConvTranspose2d, ReLU, Sequential } from "../index";

/** Expects the moments and limits of numbers uniform in ±bound. */
function expectUniform(x: Tensor, bound: number): void {
  const deviation = 4 / Math.sqrt(x.size);
  expect(x.abs().max().item()).toBeLessThanOrEqual(Math.fround(bound));
  expect(x.abs().max().item()).toBeGreaterThan(0.95 * bound);
  expect(Math.abs(x.mean().item()) / bound).toBeLessThan(deviation);
  expect(Math.abs(x.var().item() / (bound ** 2 / 3) - 1)).toBeLessThan(deviation);
}

describe("convolutions", () => {
  it("start uniform within one over the root of the inputs of one output, weight and bias alike", () => {
    manualSeed(2);
    const layers = [
      [new Conv1d(8, 200, 5, { groups: 2 }), 4 * 5],
      [new Conv2d(4, 200, [3, 5]), 4 * 15],
      // PyTorch counts the outputs here.
      [new ConvTranspose2d(200, 100, 3, { groups: 2 }), 50 * 9],
    ] as const;
    for (const [layer, fanIn] of layers) {
      expectUniform(layer.weight, 1 / Math.sqrt(fanIn));
      expectUniform(layer.bias!, 1 / Math.sqrt(fanIn));
    }
  });

  it("have PyTorch's state", () => {
    const state = new Conv2d(4, 6, 3, { groups: 2 }).stateDict();
    expect(Object.entries(state).map(([key, { shape }]) => [key, shape])).toEqual([
      ["weight", [6, 2, 3, 3]],
      ["bias", [6]],
    ]);
    expect(new ConvTranspose2d(4, 6, [2, 3], { bias: false, groups: 2 }).stateDict()).toMatchObject({
      weight: { shape: [4, 3, 2, 3] },
    });
  });

  it("pad in other ways than by zeros", () => {
    const x = randn([1, 2, 4]);
    const layer = new Conv1d(2, 3, 4, { padding: "same", paddingMode: "replicate" });
    const padded = x.pad([1, 2], { mode: "replicate" });
    const plain = new Conv1d(2, 3, 4);
    plain.loadStateDict(layer.stateDict());
    expect(layer.forward(x).toArray()).toEqual(plain.forward(padded).toArray());
    const strided = new Conv1d(2, 3, 4, { padding: "same", paddingMode: "replicate", stride: 2 });
    expect(() => strided.forward(x)).toThrow('Conv1d: padding "same" does not go with stride [2]');
  });

  it("refuse channels that cannot be divided", () => {
    expect(() => new Conv2d(3, 4, 3, { groups: 2 })).toThrow(ThalwegError);
    expect(() => new Conv2d(3, 4, 3, { groups: 2 })).toThrow(
      "Conv2d: inChannels cannot be divided into groups, 3 and 2; the channels must be a multiple of the groups",
    );
    expect(() => new Conv1d(2, 0, 3)).toThrow("Conv1d: outChannels must be a whole number from 1 on, got 0");
  });

  it("refuse kernels of other dimensions", () => {
    expect(() => new Conv2d(1, 1, [3]).forward(zeros([1, 5, 5]))).toThrow(
      "Conv2d: kernelSize must be a whole number from 1 on, or an array of length 2, each element a whole number from 1 on, got [3]",
    );
  });

  it("print their options", () => {
    expect(new Sequential(new Conv2d(1, 8, 3, { stride: 2 }), new ReLU()).toString()).toBe(
      "Sequential(\n  (0): Conv2d(1, 8, kernelSize=[3,3], stride=2, bias=true)\n  (1): ReLU()\n)",
    );
  });
});
