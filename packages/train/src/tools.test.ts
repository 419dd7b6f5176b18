import { crossEntropy, mseLoss } from "@thalweg/losses";
import {
  BatchNorm1d,
  Conv2d,
  Embedding,
  Flatten,
  Linear,
  LSTM,
  MultiheadAttention,
  ReLU,
  Sequential,
} from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { defaultGenerator, linspace, manualSeed, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { parts, weights } from "../test/runs";
import { AveragedWeights, lrFinder, summary, updateBatchNorm } from "./index";

const numbersOf = (tensors: Iterable<Tensor>) => Array.from(tensors, (x) => [...x.dataSync()]);

describe("a summary", () => {
  it("counts what a convolutional network consists of", () => {
    const model = new Sequential(
      new Conv2d(3, 8, 3, { padding: 1 }),
      new ReLU(),
      new Flatten(),
      new Linear(8 * 16, 10),
    );
    model.eval();
    const found = summary(model, [2, 3, 4, 4]);
    expect(
      found.layers.map(({ path, layer, outputShape, parameters, multiplyAdds }) => [
        path,
        layer,
        outputShape,
        parameters,
        multiplyAdds,
      ]),
    ).toEqual([
      ["", "Sequential", [2, 10], 0, 0],
      ["0", "Conv2d", [2, 8, 4, 4], 224, 2 * 8 * 16 * 27],
      ["1", "ReLU", [2, 8, 4, 4], 0, 0],
      ["2", "Flatten", [2, 128], 0, 0],
      ["3", "Linear", [2, 10], 1290, 2 * 128 * 10],
    ]);
    expect([found.parameters, found.trainable, found.bytes]).toEqual([1514, 1514, 4 * 1514]);
    expect(model.training).toBe(false);
    expect(() => summary(model, [2, 3, 5, 5])).toThrow("Linear");
    expect(Object.keys(model)).not.toContain("forward");
    expect(model.forward(randn([1, 3, 4, 4])).shape).toEqual([1, 10]);
  });

  it("prints a table", () => {
    const model = new Sequential(
      new Linear(1000, 4),
      new Sequential(new ReLU(), new Linear(4, 1, { bias: false })),
    );
    model.requiresGrad_(false);
    expect(String(summary(model, [1, 1000]))).toBe(
      [
        "layer             output shape  parameters  multiply-adds",
        "---------------------------------------------------------",
        "Sequential        [1, 1]                 -              -",
        "  Linear (0)      [1, 4]             4,004          4,000",
        "  Sequential (1)  [1, 1]                 -              -",
        "    ReLU (1.0)    [1, 4]                 -              -",
        "    Linear (1.1)  [1, 1]                 4              4",
        "---------------------------------------------------------",
        "parameters: 4,008, of which 0 are trained, in 0.02 MiB with buffers",
        "multiply-adds: 4,004",
        "results of layers: 0.00 MiB",
      ].join("\n"),
    );
  });

  it("takes tensors, several of them, and models with several results", () => {
    const embedding = summary(new Embedding(10, 4), tensor([[1, 2, 3]], { dtype: "int32" }));
    expect(embedding.layers[0]).toMatchObject({ layer: "Embedding", outputShape: [1, 3, 4], parameters: 40 });
    const lstm = summary(new LSTM(3, 4), [5, 2, 3]);
    expect([lstm.layers[0]!.outputShape, lstm.multiplyAdds]).toEqual([[5, 2, 4], 5 * 2 * 16 * (3 + 4)]);
    const x = randn([5, 2, 8]);
    const attention = summary(new MultiheadAttention(8, 2), [x, x, x]);
    expect(attention.layers[0]!.outputShape).toEqual([5, 2, 8]);
    expect(attention.multiplyAdds).toBe(4 * 10 * 64 + 2 * (2 * 2) * 5 * 5 * 4);
  });
});

describe("a test of rates", () => {
  it("leaves everything as it was", async () => {
    const run = parts();
    const { model, optimizer, data } = run;
    const batches = () => Array.from(data, ([x]) => [...x.dataSync()]);
    const step = async () => {
      crossEntropy(model.forward(randn([8, 3])), tensor([0, 1, 0, 1, 0, 1, 1, 0])).backward();
      optimizer.step();
      return [weights(run), defaultGenerator.getState(), optimizer.paramGroups[0]!.lr];
    };
    await step();
    const state = {
      weights: weights(run),
      generator: defaultGenerator.getState(),
      optimizer: optimizer.stateDict(),
    };
    optimizer.zeroGrad();
    const { lrs, losses } = await lrFinder({
      model,
      optimizer,
      loss: crossEntropy,
      data,
      steps: 12,
      divergence: 1e9,
    });
    expect([lrs.length, losses.length]).toEqual([12, 12]);
    expect([lrs[0], lrs[11]]).toEqual([1e-7, expect.closeTo(10, 9)]);
    expect(weights(run)).toEqual(state.weights);
    expect(defaultGenerator.getState()).toEqual(state.generator);
    const found = optimizer.stateDict();
    expect(found.groups).toEqual(state.optimizer.groups);
    for (const [name, saved] of Object.entries(state.optimizer.state)) {
      expect(found.state[name]!.step).toBe(saved.step);
      expect(numbersOf(Object.values(found.state[name]!.tensors))).toEqual(
        numbersOf(Object.values(saved.tensors)),
      );
    }
    expect(batches()).toHaveLength(5);
  });

  it("ends where the loss grows, and suggests a rate before that", async () => {
    manualSeed(0);
    const x = linspace(-1, 1, 16).reshape([16, 1]);
    const model = new Linear(1, 1);
    const optimizer = new SGD([
      { params: [model.weight], lr: 2 },
      { params: [model.bias!], lr: 1 },
    ]);
    const rates: number[][] = [];
    const result = await lrFinder({
      model,
      optimizer,
      step: ([input, target]: readonly [Tensor, Tensor]) => {
        rates.push(optimizer.paramGroups.map(({ lr }) => lr));
        return mseLoss(model.forward(input), target);
      },
      data: [[x, x.mul(3)]],
      endLr: 1000,
    });
    expect(result.lrs.length).toBeLessThan(100);
    expect(result.suggestion!).toBeGreaterThan(1e-3);
    expect(result.suggestion!).toBeLessThan(result.lrs.at(-1)!);
    for (const [first, second] of rates) expect(second! / first!).toBeCloseTo(0.5, 12);
    await expect(lrFinder({ model, optimizer, loss: mseLoss, data: [] })).rejects.toThrow(
      "lrFinder: there are no batches; pass data with at least one",
    );
  });
});

describe("averaged weights", () => {
  it("are used for a while, also asynchronously, and saved", async () => {
    const run = parts();
    const average = new AveragedWeights(run.model, { decay: 0.75, useBuffers: true });
    const optimizer = new Adam(run.model.parameters(), { lr: 0.1 });
    for (const [x, y] of run.data) {
      optimizer.zeroGrad();
      crossEntropy(run.model.forward(x), y).backward();
      optimizer.step();
      average.update();
    }
    const own = weights(run);
    const averaged = average.use(() => weights(run));
    expect(averaged).not.toEqual(own);
    expect(weights(run)).toEqual(own);
    const later = async () => {
      await Promise.resolve();
      return weights(run);
    };
    expect(await average.use(later)).toEqual(averaged);
    expect(weights(run)).toEqual(own);
    expect(() =>
      average.use(() => {
        throw new Error("stopped");
      }),
    ).toThrow("stopped");
    expect(weights(run)).toEqual(own);
    const other = parts(5);
    const loaded = new AveragedWeights(other.model, { decay: 0.75, useBuffers: true });
    loaded.loadStateDict(average.stateDict());
    expect([loaded.count, loaded.use(() => weights(other))]).toEqual([5, averaged]);
    loaded.copyTo();
    expect(weights(other)).toEqual(averaged);
    const small = new AveragedWeights(new Linear(1, 1));
    expect(() => small.loadStateDict(average.stateDict())).toThrow(
      "AveragedWeights.loadStateDict: it is not the state of an average of this model; " +
        "make the model as it was when it was saved",
    );
  });

  it("get running statistics of their own, in the model's modes", async () => {
    const norm = new BatchNorm1d(3, { momentum: 0.25 });
    const frozen = new ReLU();
    const model = new Sequential(norm, frozen);
    frozen.eval();
    const batches = [randn([4, 3]), randn([6, 3])];
    await updateBatchNorm(model, batches);
    expect([norm.momentum, model.training, frozen.training, norm.numBatchesTracked!.item()]).toEqual([
      0.25,
      true,
      false,
      2,
    ]);
    const [first, second] = batches.map((x) => x.mean(0));
    const expected = first!.add(second!).div(2);
    for (const [i, value] of norm.runningMean!.dataSync().entries()) {
      expect(value).toBeCloseTo(expected.dataSync()[i]!, 6);
    }
    await updateBatchNorm(new Linear(1, 1), []);
  });
});
