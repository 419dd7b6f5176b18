import {
  Adam,
  binaryCrossEntropyWithLogits,
  compile,
  Linear,
  manualSeed,
  ready,
  Sequential,
  Tanh,
} from "thalweg";
import { describe, expect, test } from "vitest";
import { accuracyOf } from "./accuracy";
import { examplesOf } from "./data";
import { initialState, settingsOf } from "./fields";
import { activationNames, batchNames, optimizerNames, penaltyNames, type Settings } from "./settings";
import { startTraining } from "./training";

await ready();

const settings = (changes: Partial<Settings> = {}): Settings => ({
  ...settingsOf(initialState),
  ...changes,
});

function trained(of: Settings, epochs: number) {
  const training = startTraining(of);
  for (let i = 0; i < epochs; i++) training.advance();
  return { training, ...training.snapshot() };
}

describe("a training", () => {
  test("of full batches does what a plain loop does", () => {
    const of = settings({ batch: "all" });
    const { train, layers } = trained(of, 5);
    const { places, kinds, trained: count } = examplesOf(of);
    const [x, kind] = [places.narrow(0, 0, count), kinds.narrow(0, 0, count)];
    manualSeed(of.seed);
    const model = new Sequential(
      new Linear(2, 4),
      new Tanh(),
      new Linear(4, 2),
      new Tanh(),
      new Linear(2, 1),
    );
    const optimizer = new Adam(model.parameters(), { lr: of.rate });
    const lossOf = () => binaryCrossEntropyWithLogits(model.forward(x).squeeze(1), kind);
    // The order of the examples is another one, and so is that of the sums.
    expect(train.losses[0]).toBeCloseTo(lossOf().item(), 5);
    for (let i = 0; i < 5; i++) {
      const loss = lossOf();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    }
    expect(train.losses[5]).toBeCloseTo(lossOf().item(), 5);
    const [first] = model as Iterable<Linear>;
    first!.weight.dataSync().forEach((weight, i) => {
      expect(layers[0]!.weights[i]).toBeCloseTo(weight, 4);
    });
  });

  test("has the same bits for the same settings", () => {
    for (const changes of [
      {},
      { penalty: "dropout", dropped: 0.3 },
      { batch: "1" },
    ] satisfies Partial<Settings>[]) {
      const [one, other] = [trained(settings(changes), 4), trained(settings(changes), 4)];
      expect(other.train).toEqual(one.train);
      expect(other.test).toEqual(one.test);
      expect(other.layers).toEqual(one.layers);
      expect(other.output).toEqual(one.output);
    }
  });

  test("has the same bits when it is compiled, from the beginning or from the middle on", () => {
    for (const changes of [
      {},
      { penalty: "l1", strength: 0.01, batch: "1" },
      { penalty: "dropout", dropped: 0.3, schedule: "oneCycle", optimizer: "lamb" },
    ] satisfies Partial<Settings>[]) {
      const of = settings(changes);
      const plain = trained(of, 6);
      for (const from of [0, 3]) {
        const training = startTraining(of);
        for (let i = 0; i < 6; i++) {
          if (i >= from) training.compile(compile);
          training.advance();
        }
        const { train, test, layers, output } = training.snapshot();
        expect({ train, test, layers, output }).toEqual({
          train: plain.train,
          test: plain.test,
          layers: plain.layers,
          output: plain.output,
        });
      }
    }
  });

  test("goes the same way, however often one looks at it", () => {
    const training = startTraining(settings({ penalty: "dropout", dropped: 0.3 }));
    for (let i = 0; i < 4; i++) {
      training.advance();
      training.snapshot();
    }
    expect(training.snapshot().train).toEqual(
      trained(settings({ penalty: "dropout", dropped: 0.3 }), 4).train,
    );
  });

  test.each(optimizerNames)("lowers the loss with %s", (optimizer) => {
    const rate = { sgd: 0.1, momentum: 0.03, nesterov: 0.03, adadelta: 3 } as Record<string, number>;
    const { train } = trained(settings({ optimizer, rate: rate[optimizer] ?? 0.02 }), 15);
    expect(train.losses.at(-1)!).toBeLessThan(train.losses[0]!);
  });

  test.each(activationNames)("computes maps of %s over the plane", (activation) => {
    const { maps, output } = trained(settings({ activation, layers: [3, 5] }), 1);
    expect(maps.map(({ length }) => length)).toEqual([3 * 32 ** 2, 5 * 32 ** 2]);
    expect(output).toHaveLength(100 ** 2);
    expect([...output].every(Number.isFinite)).toBe(true);
  });

  test("takes as many steps as there are batches", () => {
    for (const batch of batchNames) {
      const { training } = trained(settings({ batch }), 2);
      expect(training.steps, batch).toBe(2 * Math.ceil(140 / (batch === "all" ? 140 : Number(batch))));
    }
  });

  test("keeps weights smaller with a penalty", () => {
    const sizes = penaltyNames.map((penalty) => {
      const strength = penalty === "dropout" ? 0 : 0.02;
      const { layers } = trained(settings({ penalty, strength, dropped: 0 }), 40);
      return layers.reduce((sum, { weights }) => sum + weights.reduce((all, w) => all + Math.abs(w), 0), 0);
    });
    expect(sizes[1]).toBeLessThan(0.7 * sizes[0]!);
    expect(sizes[2]).toBeLessThan(0.9 * sizes[0]!);
    // Dropout of nothing changes nothing.
    expect(sizes[3]).toBe(sizes[0]);
  });

  test("changes its rate by a schedule once an epoch", () => {
    const { rate } = trained(settings({ schedule: "cosine", epochs: 100 }), 50);
    expect(rate).toBeCloseTo(0.015, 6);
  });

  test("ends when the loss is no number any more", () => {
    const wild = settings({
      features: ["x", "y", "xSquared", "ySquared", "product"],
      activation: "linear",
      layers: [8, 8, 8],
      optimizer: "sgd",
      rate: 30,
    });
    const training = startTraining(wild);
    while (!training.hasDiverged && training.epoch < 100) training.advance();
    expect(training.epoch).toBeLessThan(100);
    expect(training.snapshot().hasDiverged).toBe(true);
    expect(Number.isFinite(training.snapshot().train.losses.at(-1))).toBe(false);
  });

  test("of one example has no test set", () => {
    const { test: rest, train } = trained(settings({ data: "own", own: [[1, 1, 1]] }), 30);
    expect(rest).toBeNull();
    expect(accuracyOf(train.confusion)).toBe(1);
    expect(train.losses.at(-1)!).toBeLessThan(train.losses[0]!);
  });
});
