import { ShapeError, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./index";

const none = { reduction: "none" } as const;

describe("softMarginLoss", () => {
  it("does not overflow where the exponential does", () => {
    expect(softMarginLoss(tensor([1e4, 1e4]), tensor([1, -1]), none).toArray()).toEqual([0, 1e4]);
  });
});

describe("multiMarginLoss", () => {
  it("has no gradient where the margin is kept exactly", () => {
    const x = tensor([2, 1, 1.5], { requiresGrad: true });
    const y = multiMarginLoss(x, tensor(0));
    expect(y.item()).toBeCloseTo(0.5 / 3, 6);
    y.backward();
    expect(x.grad!.mul(3).toArray()).toEqual([-1, 0, 1]);
  });

  it("refuses other exponents, and weights that do not fit", () => {
    const [x, y] = [zeros([2, 3]), zeros([2])];
    expect(() => multiMarginLoss(x, y, { p: 3 as never })).toThrow(
      "multiMarginLoss: p must be 1 or 2, got 3",
    );
    expect(() => multiMarginLoss(x, y, { weight: zeros([2]) })).toThrow(
      "multiMarginLoss: the weight does not fit the input, [2] and [2, 3]; give one weight for each of 3 classes",
    );
    expect(() => multiMarginLoss(x, tensor([0, 3]))).toThrow(/^multiMarginLoss: .*3/);
  });
});

describe("multilabelMarginLoss", () => {
  it("reads labels up to the first number below 0, and counts one twice that is there twice", () => {
    const x = tensor([0.5, 0, 0.25]);
    const loss = (labels: number[]) => multilabelMarginLoss(x, tensor(labels)).mul(3).item();
    expect(loss([-1, 0, 1])).toBe(0);
    expect(loss([0, -1, 9])).toBeCloseTo(0.5 + 0.75, 6);
    expect(loss([0, 0, -1])).toBeCloseTo(2 * (0.5 + 0.75), 6);
    expect(loss([2, 0, 1])).toBe(0);
  });

  it("refuses more than two dimensions", () => {
    expect(() => multilabelMarginLoss(zeros([2, 2, 2]), zeros([2, 2, 2]))).toThrow(ShapeError);
    expect(() => multilabelMarginLoss(zeros([2, 2, 2]), zeros([2, 2, 2]))).toThrow(
      "multilabelMarginLoss: the input has shape [2, 2, 2]; use [batch, classes] or [classes]",
    );
  });
});

describe("multilabelSoftMarginLoss", () => {
  it("takes the mean over the classes, and refuses a number", () => {
    expect(multilabelSoftMarginLoss(zeros([2, 3]), zeros([2, 3]), none).shape).toEqual([2]);
    expect(() => multilabelSoftMarginLoss(tensor(0), tensor(0))).toThrow(
      "multilabelSoftMarginLoss: the input has no classes, []; use [batch, classes]",
    );
  });
});

describe("tripletMarginWithDistanceLoss", () => {
  const [a, b, c] = [tensor([[0, 0]]), tensor([[3, 4]]), tensor([[1, 0]])];

  it("measures by the norm of the difference unless told otherwise", () => {
    const expected = tripletMarginLoss(a, b, c, { swap: true }).item();
    expect(tripletMarginWithDistanceLoss(a, b, c, { swap: true }).item()).toBe(expected);
    const distanceFunction = (x: Tensor, y: Tensor) => x.sub(y).abs().sum(-1);
    expect(tripletMarginWithDistanceLoss(a, b, c, { distanceFunction, margin: 0 }).item()).toBe(6);
  });

  it("refuses a distance that is no function", () => {
    expect(() => tripletMarginWithDistanceLoss(a, b, c, { distanceFunction: 2 as never })).toThrow(
      "tripletMarginWithDistanceLoss: distanceFunction must be a function, got 2",
    );
    const distanceFunction = () => 1 as never;
    expect(() => tripletMarginWithDistanceLoss(a, b, c, { distanceFunction })).toThrow(
      "tripletMarginWithDistanceLoss: distanceFunction must return a tensor, got 1",
    );
  });
});
