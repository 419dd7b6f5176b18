import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  cosineEmbeddingLoss,
  crossEntropy,
  ctcLoss,
  gaussianNllLoss,
  hingeEmbeddingLoss,
  huberLoss,
  klDiv,
  l1Loss,
  marginRankingLoss,
  mseLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  poissonNllLoss,
  smoothL1Loss,
  softMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "@thalweg/losses";
import { Generator, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

/** A tensor on the device with random numbers from a seed. */
type Draw = (seed: number, change?: (x: Tensor) => Tensor) => Tensor;

const signs = (x: Tensor) => x.sign();
const sizes = (x: Tensor) => x.abs().add(0.1);
const shares = (x: Tensor) => x.softmax(1);
const classes = (x: Tensor) => x.argmax(1);
/** Two rows of labels other than 0. */
const labels = (x: Tensor) => x.slice([0, 2], [1, null]).sort(1).indices.add(1);

const losses: readonly [string, (x: Tensor, draw: Draw) => Tensor][] = [
  ["mseLoss", (x, draw) => mseLoss(x, draw(1))],
  ["l1Loss", (x, draw) => l1Loss(x, draw(1))],
  ["smoothL1Loss", (x, draw) => smoothL1Loss(x, draw(1), { beta: 0.5 })],
  ["huberLoss", (x, draw) => huberLoss(x, draw(1), { delta: 0.5 })],
  ["crossEntropy", (x, draw) => crossEntropy(x, draw(1, classes), { labelSmoothing: 0.1 })],
  ["crossEntropy of probabilities", (x, draw) => crossEntropy(x, draw(1, shares))],
  [
    "crossEntropy with targets of int32",
    (x, draw) => crossEntropy(x, draw(1, classes).to("int32"), { ignoreIndex: 1, reduction: "sum" }),
  ],
  ["nllLoss", (x, draw) => nllLoss(x, draw(1, classes))],
  ["binaryCrossEntropy", (x, draw) => binaryCrossEntropy(x.sigmoid(), draw(1, shares))],
  ["binaryCrossEntropyWithLogits", (x, draw) => binaryCrossEntropyWithLogits(x, draw(1, shares))],
  ["klDiv", (x, draw) => klDiv(x, draw(1, shares), { reduction: "batchmean" })],
  ["klDiv of logarithms", (x, draw) => klDiv(x, draw(1), { logTarget: true })],
  ["poissonNllLoss", (x, draw) => poissonNllLoss(x, draw(1, sizes), { full: true })],
  ["poissonNllLoss of rates", (x, draw) => poissonNllLoss(x.exp(), draw(1, sizes), { logInput: false })],
  ["gaussianNllLoss", (x, draw) => gaussianNllLoss(x, draw(1), draw(2, sizes), { full: true })],
  ["hingeEmbeddingLoss", (x, draw) => hingeEmbeddingLoss(x, draw(1, signs))],
  ["marginRankingLoss", (x, draw) => marginRankingLoss(x, draw(1), draw(2, signs), { margin: 0.5 })],
  [
    "cosineEmbeddingLoss",
    (x, draw) => cosineEmbeddingLoss(x, draw(1), draw(2, signs).select(1, 0), { margin: -0.5 }),
  ],
  ["tripletMarginLoss", (x, draw) => tripletMarginLoss(x, draw(1), draw(2), { swap: true, p: 3 })],
  ["tripletMarginWithDistanceLoss", (x, draw) => tripletMarginWithDistanceLoss(x, draw(1), draw(2))],
  ["softMarginLoss", (x, draw) => softMarginLoss(x, draw(1, signs))],
  ["multiMarginLoss", (x, draw) => multiMarginLoss(x, draw(1, classes), { p: 2 })],
  [
    "multilabelMarginLoss",
    (x, draw) =>
      multilabelMarginLoss(
        x,
        draw(1, (y) => y.sort(1).indices.sub(1)),
      ),
  ],
  ["multilabelSoftMarginLoss", (x, draw) => multilabelSoftMarginLoss(x, draw(1, shares))],
  [
    "ctcLoss",
    (x, draw) =>
      ctcLoss(
        x.logSoftmax(1).unsqueeze(1).expand([x.shape[0]!, 2, x.shape[1]!]),
        draw(1, labels),
        [x.shape[0]!, 3],
        [2, 1],
      ),
  ],
];

describe.skipIf(session === null)("on WebGPU", () => {
  it.each(losses)("%s has the same value and gradient as on the CPU", async (_, loss) => {
    const [here, there] = await Promise.all(
      ["cpu", "webgpu"].map(async (device) => {
        const draw: Draw = (seed, change = (x) => x) =>
          change(randn([4, 3], { generator: new Generator(seed) })).to(device);
        const x = tensor(randn([4, 3], { generator: new Generator(7) }).dataSync(), {
          shape: [4, 3],
          requiresGrad: true,
          device,
        });
        const value = loss(x, draw);
        value.backward();
        return [await value.itemAsync(), ...(await x.grad!.data())];
      }),
    );
    here!.forEach((value, i) => {
      expect(Math.abs(value - there![i]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
    });
  });
});
