import { grad } from "@thalweg/autograd";
import { ones, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import * as losses from "./index";

const nothing = zeros([0]);
const cases: [string, readonly number[], (x: Tensor) => Tensor][] = [
  ["mseLoss", [0], (x) => losses.mseLoss(x, nothing)],
  ["l1Loss", [0], (x) => losses.l1Loss(x, nothing)],
  ["smoothL1Loss", [0], (x) => losses.smoothL1Loss(x, nothing)],
  ["huberLoss", [0], (x) => losses.huberLoss(x, nothing)],
  ["binaryCrossEntropy", [0], (x) => losses.binaryCrossEntropy(x, nothing)],
  ["binaryCrossEntropyWithLogits", [0], (x) => losses.binaryCrossEntropyWithLogits(x, nothing)],
  ["klDiv", [0, 3], (x) => losses.klDiv(x, zeros([0, 3]))],
  ["klDiv by batch", [0, 3], (x) => losses.klDiv(x, zeros([0, 3]), { reduction: "batchmean" })],
  ["poissonNllLoss", [0], (x) => losses.poissonNllLoss(x, nothing)],
  ["gaussianNllLoss", [0], (x) => losses.gaussianNllLoss(x, nothing, nothing)],
  ["hingeEmbeddingLoss", [0], (x) => losses.hingeEmbeddingLoss(x, nothing)],
  ["marginRankingLoss", [0], (x) => losses.marginRankingLoss(x, nothing, nothing)],
  ["cosineEmbeddingLoss", [0, 2], (x) => losses.cosineEmbeddingLoss(x, zeros([0, 2]), nothing)],
  ["tripletMarginLoss", [0, 2], (x) => losses.tripletMarginLoss(x, zeros([0, 2]), zeros([0, 2]))],
  ["crossEntropy", [0, 3], (x) => losses.crossEntropy(x, nothing)],
  ["crossEntropy of probabilities", [0, 3], (x) => losses.crossEntropy(x, zeros([0, 3]))],
  ["crossEntropy, smoothed", [0, 3], (x) => losses.crossEntropy(x, nothing, { labelSmoothing: 0.1 })],
  ["crossEntropy, weighted", [0, 3], (x) => losses.crossEntropy(x, nothing, { weight: ones([3]) })],
  ["crossEntropy of ignored targets", [2, 3], (x) => losses.crossEntropy(x, tensor([-100, -100]))],
  ["nllLoss", [0, 3], (x) => losses.nllLoss(x, nothing)],
  ["nllLoss of ignored targets", [2, 3], (x) => losses.nllLoss(x, tensor([-100, -100]))],
];

describe("the mean of no losses", () => {
  it.each(cases)("is NaN and has the gradient 0, to the second order: %s", (_, shape, loss) => {
    const x = zeros(shape, { requiresGrad: true });
    const y = loss(x);
    expect(y.item()).toBe(Number.NaN);
    const seed = tensor(1, { requiresGrad: true });
    const g = grad(y, x, { gradOutputs: seed, createGraph: true });
    expect(g.toArray()).toEqual(zeros(shape).toArray());
    const found = grad(g.square().sum(), [x, seed], { allowUnused: true });
    expect(found.map((f, i) => f?.toArray() ?? [x, seed][i]!.detach().mul(0).toArray())).toEqual([
      zeros(shape).toArray(),
      0,
    ]);
  });
});
