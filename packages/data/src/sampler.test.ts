import { fc, test } from "@fast-check/vitest";
import { defaultGenerator, Generator, manualSeed, rand, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { DataError } from "./data-error";
import { DataLoader } from "./data-loader";
import { type Sampler, WeightedRandomSampler } from "./sampler";

const list = (n: number) => Array.from({ length: n }, (_, i) => i);
const values = (loader: DataLoader<number>) => [...loader].flatMap((x) => [...x.dataSync()]);

describe("WeightedRandomSampler", () => {
  it("draws in proportion to the weights", () => {
    const weights = [1, 0, 2, 5];
    const count = 40_000;
    const counts = [0, 0, 0, 0];
    for (const i of new WeightedRandomSampler(weights, count).indices(new Generator(5))) counts[i]!++;
    counts.forEach((n, i) => {
      const p = weights[i]! / 8;
      // Five standard deviations.
      expect(Math.abs(n - count * p)).toBeLessThanOrEqual(5 * Math.sqrt(count * p * (1 - p)));
    });
  });

  it("draws without replacement like drawing one after the other", () => {
    const weights = [1, 0, 2, 5];
    const runs = 20_000;
    const generator = new Generator(6);
    const sampler = new WeightedRandomSampler(weights, 2, { replacement: false });
    const first = [0, 0, 0, 0];
    let largestAndSecond = 0;
    for (let k = 0; k < runs; k++) {
      const [a, b] = sampler.indices(generator) as [number, number];
      expect(a).not.toBe(b);
      first[a]!++;
      if (a === 3 && b === 2) largestAndSecond++;
    }
    const close = (n: number, p: number) =>
      expect(Math.abs(n - runs * p)).toBeLessThanOrEqual(5 * Math.sqrt(runs * p * (1 - p)));
    first.forEach((n, i) => void close(n, weights[i]! / 8));
    close(largestAndSecond, (5 / 8) * (2 / 3));
  });

  test.prop([
    fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1 }),
    fc.integer({ min: 1, max: 50 }),
    fc.nat(),
  ])("draws no example without weight", (weights, count, seed) => {
    fc.pre(weights.some((weight) => weight > 0));
    const drawn = new WeightedRandomSampler(weights, count).indices(new Generator(seed));
    expect(drawn.length).toBe(count);
    expect(drawn.every((i) => weights[i]! > 0)).toBe(true);
    const possible = weights.filter((weight) => weight > 0).length;
    const once = new WeightedRandomSampler(weights, possible, { replacement: false });
    expect([...once.indices(new Generator(seed))].sort((a, b) => a - b)).toEqual(
      list(weights.length).filter((i) => weights[i]! > 0),
    );
  });

  it("accepts typed arrays and tensors, and draws from the loader's generator or its own", () => {
    const drawn = (weights: ConstructorParameters<typeof WeightedRandomSampler>[0]) =>
      new WeightedRandomSampler(weights, 9).indices(new Generator(1));
    expect(drawn(new Float32Array([1, 2]))).toEqual(drawn([1, 2]));
    expect(drawn(tensor([1, 2]))).toEqual(drawn([1, 2]));
    const own = new WeightedRandomSampler([1, 2], 9, { generator: new Generator(1) });
    expect(own.indices(new Generator(99))).toEqual(drawn([1, 2]));
    manualSeed(3);
    [...new DataLoader([1, 2], { sampler: own })];
    expect(defaultGenerator.getState().position).toBe(0);
  });

  it.each<[unknown[], string]>([
    [[[1, -1], 2], "WeightedRandomSampler: weights must be an array or a vector of weights from 0 on"],
    [[[0, 0], 2], "weights must be"],
    [[[1, Number.NaN], 2], "weights must be"],
    [[[Number.POSITIVE_INFINITY], 2], "weights must be"],
    [[[], 2], "weights must be"],
    [["abc", 2], "weights must be"],
    [[tensor([[1]]), 2], "weights must be"],
    [[[1], 0], "WeightedRandomSampler: count must be a whole number from 1 on, got 0"],
    [[[1], 1, { replacment: true }], 'there is no option "replacment"; did you mean replacement?'],
    [
      [[1, 0, 1], 3, { replacement: false }],
      "WeightedRandomSampler: cannot draw 3 examples without replacement, 2 have a weight above 0; draw fewer",
    ],
  ])("refuses %j", (args, message) => {
    const make = () => new WeightedRandomSampler(...(args as [number[], number]));
    expect(make).toThrow(message);
  });
});

/** Starts at the epoch's number, which is state of its own. */
class Rotating implements Sampler {
  readonly length: number;
  private epoch = 0;

  constructor(length: number) {
    this.length = length;
  }

  indices(generator: Generator): number[] {
    const start = this.epoch++ + Math.floor(rand([], { generator }).item() * this.length);
    return list(this.length).map((i) => (i + start) % this.length);
  }

  stateDict() {
    return { epoch: this.epoch };
  }

  prepareLoad({ epoch }: { epoch: number }): () => void {
    if (typeof epoch !== "number") throw new DataError("prepareLoad", "there is no epoch");
    return () => {
      this.epoch = epoch;
    };
  }
}

const samplers: [string, () => Sampler][] = [
  ["weighted", () => new WeightedRandomSampler(list(9), 7)],
  [
    "weighted, with its own generator",
    () => new WeightedRandomSampler(list(9), 7, { generator: new Generator(8) }),
  ],
  ["with its own state", () => new Rotating(9)],
  ["without state", () => ({ length: 3, indices: () => [2, 0, 2] })],
];

describe.each(samplers)("a loader with a sampler, %s,", (_, make) => {
  const loaderOf = () =>
    new DataLoader(list(9), { batchSize: 2, sampler: make(), generator: new Generator(4) });

  test.prop([fc.nat({ max: 12 })])("goes on from a saved state, in the middle of an epoch too", (stop) => {
    function* endless(loader: DataLoader<number>) {
      for (;;) for (const batch of loader) yield batch.toArray();
    }
    const take = (count: number, from: Iterator<unknown>) => list(count).map(() => from.next().value);
    const whole = take(stop + 20, endless(loaderOf()));
    const loader = loaderOf();
    const before = take(stop, endless(loader));
    const state = JSON.parse(JSON.stringify(loader.stateDict()));
    const resumed = loaderOf();
    [...resumed];
    resumed.loadStateDict(state);
    expect(resumed.stateDict()).toEqual(state);
    expect([...before, ...take(20, endless(resumed))]).toEqual(whole);
  });

  it("has as many batches as the sampler has examples", () => {
    const loader = loaderOf();
    expect(values(loader).length).toBe(make().length);
    expect([...loader].length).toBe(loader.length);
  });
});

describe("a loader refuses", () => {
  const from = (indices: unknown, length = 2) =>
    new DataLoader(list(5), { sampler: { length, indices: () => indices as number[] } });
  const endless = {
    *[Symbol.iterator]() {
      for (;;) yield 0;
    },
  };

  it.each<[string, unknown, string]>([
    [
      "examples that are not there",
      [0, 5],
      "DataLoader: the sampler chose the example 5, the dataset has 5; choose",
    ],
    ["parts of examples", [0, 0.5], "the sampler chose the example 0.5, the dataset has 5"],
    ["a symbol", [Symbol("a"), 1], "the sampler chose the example Symbol(a), the dataset"],
    ["an object", [Object.create(null), 1], "the sampler chose the example an object, the dataset"],
    ["too few", [0], "DataLoader: the sampler chose 1 examples, its length is 2; both must be the same"],
    ["too many", endless, "the sampler chose more than 2 examples, its length is 2"],
    [
      "what cannot be iterated",
      null,
      "DataLoader: indices() of the sampler returns nothing to iterate; return an",
    ],
  ])("%s", (_, indices, message) => {
    expect(() => [...from(indices)]).toThrow(message);
  });

  it("a sampler together with shuffle, and an invalid one", () => {
    const sampler = { length: 1, indices: () => [0] };
    expect(() => new DataLoader([1], { sampler, shuffle: true })).toThrow(
      "DataLoader: there are both shuffle and a sampler; leave one of them out",
    );
    const wrong = { ...sampler, stateDict: () => 1 };
    expect(() => new DataLoader([1], { sampler: wrong })).toThrow(
      "DataLoader: a sampler needs a length and indices(generator), and stateDict() and prepareLoad(state) both or neither; ",
    );
    expect(() => new DataLoader([1], { sampler: [0] as unknown as Sampler })).toThrow("a sampler needs");
  });

  it("the state of another sampler, and changes nothing", () => {
    const sampler = new Rotating(3);
    const loader = new DataLoader(list(3), { sampler });
    for (const _ of loader) break;
    const state = loader.stateDict();
    const other = new DataLoader(list(3), { sampler: new WeightedRandomSampler([1, 1, 1], 2) });
    const load = () => other.loadStateDict(state);
    expect(load).toThrow(DataError);
    expect(load).toThrow("loadStateDict: the saved state does not fit, samples is 3, not 2, sampler: ");
    expect(() => loader.loadStateDict({ ...state, sampler: {} })).toThrow(
      "sampler: prepareLoad: there is no epoch",
    );
    const spoilt = { ...state, epoch: { ...state.epoch!, sampler: {} } };
    expect(() => loader.loadStateDict(spoilt)).toThrow("sampler: prepareLoad: there is no epoch");
    expect(loader.stateDict()).toEqual(state);
    const plain = new DataLoader(list(3));
    expect(() => plain.loadStateDict(state)).toThrow(
      "samples is 3, not null, the epoch has an order, sampler: ",
    );
  });
});
