import { fc, test } from "@fast-check/vitest";
import { arange, defaultGenerator, Generator, manualSeed, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { DataError } from "./data-error";
import { DataLoader, type DataLoaderOptions } from "./data-loader";
import type { DataLoaderState } from "./data-loader-state";
import { TensorDataset } from "./tensor-dataset";

type Options = DataLoaderOptions<[Tensor], [Tensor]>;

const make = (n: number, options: Options = {}) => new DataLoader(new TensorDataset(arange(n)), options);
const values = ([x]: [Tensor]) => x.toArray();

/** Batches of epochs, from the loader's position on. */
function* endless(loader: DataLoader<[Tensor], [Tensor]>) {
  for (;;) for (const batch of loader) yield values(batch);
}

function take<T>(count: number, from: Iterator<T>): T[] {
  return Array.from({ length: count }, () => from.next().value as T);
}

const shapes = fc.record({
  n: fc.integer({ min: 1, max: 20 }),
  batchSize: fc.integer({ min: 1, max: 7 }),
  shuffle: fc.boolean(),
});

describe("a loader that goes on from a saved state", () => {
  test.prop([shapes, fc.nat({ max: 30 }), fc.nat()])(
    "has the remaining batches, and the orders of later epochs",
    ({ n, ...options }, stop, seed) => {
      const whole = take(stop + 40, endless(make(n, { ...options, generator: new Generator(seed) })));

      const loader = make(n, { ...options, generator: new Generator(seed) });
      const before = take(stop, endless(loader));
      const state: DataLoaderState = JSON.parse(JSON.stringify(loader.stateDict()));
      const resumed = make(n, { ...options, generator: new Generator(seed + 1) });
      resumed.loadStateDict(state);
      expect(resumed.stateDict()).toEqual(state);
      const after = take(40, endless(resumed));
      expect([...before, ...after]).toEqual(whole);
    },
  );

  test.prop([shapes, fc.nat({ max: 5 }), fc.nat({ max: 4 })])(
    "does so with for await too, independent of prefetching",
    async ({ n, ...options }, stop, prefetch) => {
      const all = () => make(n, { ...options, prefetch, generator: new Generator(3) });
      const whole = [...all()].map(values);
      const loader = all();
      const seen: unknown[] = [];
      for await (const batch of loader) {
        seen.push(values(batch));
        if (seen.length > stop) break;
      }
      const resumed = all();
      resumed.loadStateDict(loader.stateDict());
      if (seen.length < whole.length || loader.stateDict().epoch !== null) {
        for await (const batch of resumed) seen.push(values(batch));
      }
      expect(seen).toEqual(whole);
    },
  );

  it("does not touch the default generator", () => {
    const loader = make(8, { batchSize: 2, shuffle: true });
    manualSeed(4);
    const whole = take(12, endless(loader));
    manualSeed(4);
    const fresh = make(8, { batchSize: 2, shuffle: true });
    take(3, endless(fresh));
    const [state, generator] = [fresh.stateDict(), defaultGenerator.getState()];
    expect(state.generator).toBe(null);
    manualSeed(99);
    const resumed = make(8, { batchSize: 2, shuffle: true });
    resumed.loadStateDict(state);
    expect(defaultGenerator.getState()).toEqual({ seed: 99, position: 0 });
    defaultGenerator.setState(generator);
    expect(take(9, endless(resumed))).toEqual(whole.slice(3));
  });

  it("is between epochs after one has ended, and within one after a break", () => {
    const loader = make(4, { batchSize: 2 });
    expect(loader.stateDict().epoch).toBe(null);
    for (const _ of loader) break;
    expect(loader.stateDict().epoch).toEqual({ order: null, batches: 1 });
    for (const _ of loader);
    expect(loader.stateDict().epoch).toBe(null);
  });

  it("resumes once; later epochs are whole", () => {
    const loader = make(3);
    for (const _ of loader) break;
    loader.loadStateDict(loader.stateDict());
    expect([[...loader].length, [...loader].length]).toEqual([2, 3]);
  });

  it("refuses the state of another loader, and lists every difference", () => {
    const saved = make(6, { batchSize: 2, shuffle: true, generator: new Generator(1) });
    const generator = new Generator(7);
    const loader = make(5, { batchSize: 3, dropLast: true });
    const load = () => loader.loadStateDict(saved.stateDict());
    expect(load).toThrow(DataError);
    expect(load).toThrow(
      "loadStateDict: the saved state does not fit, examples is 6, not 5, batchSize is 2, not 3, " +
        "shuffle is true, not false, dropLast is false, not true, it has the state of a generator; " +
        "make the loader as it was when it was saved",
    );
    const fits = { ...make(5, { batchSize: 3, dropLast: true }).stateDict(), version: 2 };
    expect(() => loader.loadStateDict(fits as unknown as DataLoaderState)).toThrow("version 2 is not 1");
    const beyond = { ...loader.stateDict(), epoch: { order: null, batches: 2 } };
    expect(() => loader.loadStateDict(beyond)).toThrow("the epoch is at batch 2 of 1");
    const without = make(5, { shuffle: true, generator });
    const orderless = { ...without.stateDict(), epoch: { order: null, batches: 0 }, generator: null };
    expect(() => without.loadStateDict(orderless)).toThrow(
      "the order of the epoch is missing, the state of the generator is missing",
    );
    expect(generator.getState()).toEqual({ seed: 7, position: 0 });
  });
});

describe("a state from elsewhere", () => {
  const options = { batchSize: 2, shuffle: true, generator: new Generator(3) };
  const order = { seed: 1, position: 0 };

  it.each<[string, unknown, string]>([
    ["nothing", null, "version undefined is not 1, examples is undefined, not 6"],
    ["a text", "state", "version undefined is not 1"],
    ["an object for a number", { batchSize: { toString: 1 } }, "batchSize is an object, not 2"],
    ["an invalid epoch", { epoch: 3 }, "the epoch is at batch undefined of 3"],
    ["an epoch in a list", { epoch: [1] }, "the epoch is at batch undefined of 3"],
    ["half a batch", { epoch: { order, batches: 0.5 } }, "the epoch is at batch 0.5 of 3"],
    [
      "an invalid generator's order",
      { epoch: { order: { seed: -1, position: 0 }, batches: 1 } },
      "the order of the epoch",
    ],
    [
      "an order at no place",
      { epoch: { order: { seed: 1, position: -1 }, batches: 1 } },
      "the order of the epoch",
    ],
    ["no generator", { generator: undefined }, "the state of the generator is missing"],
    [
      "an invalid generator",
      { generator: { seed: 0.5, position: 0 } },
      "the state of the generator is missing",
    ],
  ])("is refused when it is %s, and nothing is changed", (_, change, message) => {
    const loader = make(6, options);
    const before = loader.stateDict();
    const wrong = typeof change === "object" && change !== null ? { ...before, ...change } : change;
    const load = () => loader.loadStateDict(wrong as DataLoaderState);
    expect(load).toThrow(DataError);
    expect(load).toThrow(message);
    expect(loader.stateDict()).toEqual(before);
    expect([...loader].length).toBe(3);
  });

  it("is checked by prepareLoad, and loaded by the function that it returns", () => {
    const loader = make(6, options);
    const before = loader.stateDict();
    const state = { ...before, epoch: { order, batches: 2 }, generator: { seed: 9, position: 4 } };
    const load = loader.prepareLoad(state);
    expect(loader.stateDict()).toEqual(before);
    load();
    expect(loader.stateDict()).toEqual(state);
    expect([...loader].length).toBe(1);
  });
});

describe("prefetching", () => {
  const slow = (length: number) => {
    const log: string[] = [];
    const get = async (i: number) => {
      log.push(`load ${i}`);
      if (i === 5) throw new Error("unreadable");
      return i;
    };
    return { log, dataset: { length, get } };
  };

  it("loads as many batches as told while an earlier one is used", async () => {
    const { log, dataset } = slow(5);
    for await (const batch of new DataLoader(dataset, { prefetch: 2 })) log.push(`use ${batch.item()}`);
    expect(log).toEqual([
      "load 0",
      "load 1",
      "load 2",
      "use 0",
      "load 3",
      "use 1",
      "load 4",
      "use 2",
      "use 3",
      "use 4",
    ]);
  });

  it("loads nothing ahead by default", async () => {
    const { log, dataset } = slow(3);
    for await (const batch of new DataLoader(dataset)) log.push(`use ${batch.item()}`);
    expect(log).toEqual(["load 0", "use 0", "load 1", "use 1", "load 2", "use 2"]);
  });

  it("reports a failure when its turn comes", async () => {
    const { dataset } = slow(7);
    const seen: number[] = [];
    const loop = async () => {
      for await (const batch of new DataLoader(dataset, { prefetch: 3 })) seen.push(batch.item());
    };
    await expect(loop()).rejects.toThrow("unreadable");
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    for await (const batch of new DataLoader(dataset, { prefetch: 6 })) {
      expect(batch.item()).toBe(0);
      break;
    }
  });

  it.each([-1, 0.5, Number.NaN])("refuses to load %s batches", (prefetch) => {
    expect(() => make(1, { prefetch })).toThrow(
      `DataLoader: prefetch must be a whole number from 0 on, got ${prefetch}; 2 is a good start`,
    );
  });
});
