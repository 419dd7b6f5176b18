import { fc, test } from "@fast-check/vitest";
import { arange, Generator, manualSeed, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { DataLoader } from "./data-loader";
import type { Dataset } from "./dataset";
import { TensorDataset } from "./tensor-dataset";

const length = fc.nat({ max: 40 });
const batchSize = fc.integer({ min: 1, max: 12 });
const seed = fc.nat();

const numbers = (n: number) => new TensorDataset(arange(n));
const elements = (batches: Iterable<[Tensor]>) => [...batches].flatMap(([x]) => x.toArray() as number[]);
const seeded = (n: number, size: number, from: number) =>
  new DataLoader(numbers(n), { batchSize: size, shuffle: true, generator: new Generator(from) });

describe("an epoch", () => {
  test.prop([length, batchSize, fc.boolean(), seed])(
    "holds every example exactly once",
    (n, size, shuffle, from) => {
      const loader = new DataLoader(numbers(n), { batchSize: size, shuffle, generator: new Generator(from) });
      const seen = elements(loader);
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    },
  );

  test.prop([length, batchSize])("is in the order of the dataset without shuffling", (n, size) => {
    expect(elements(new DataLoader(numbers(n), { batchSize: size }))).toEqual(
      Array.from({ length: n }, (_, i) => i),
    );
  });

  test.prop([length, batchSize, fc.boolean()])("has full batches, but for the last", (n, size, dropLast) => {
    const loader = new DataLoader(numbers(n), { batchSize: size, dropLast });
    const sizes = [...loader].map(([x]) => x.shape[0]!);
    const rest = dropLast ? [] : [n % size].filter((last) => last > 0);
    expect(sizes).toEqual([...Array(Math.floor(n / size)).fill(size), ...rest]);
    expect(loader.length).toBe(sizes.length);
  });

  test.prop([length, batchSize, seed])("is the same with for await as with for", async (n, size, from) => {
    const batches: unknown[] = [];
    for await (const [x] of seeded(n, size, from)) batches.push(x.toArray());
    expect(batches).toEqual([...seeded(n, size, from)].map(([x]) => x.toArray()));
  });
});

describe("shuffling", () => {
  test.prop([length, batchSize, seed])("is determined by the seed, epoch after epoch", (n, size, from) => {
    const [a, b] = [seeded(n, size, from), seeded(n, size, from)];
    for (let epoch = 0; epoch < 3; epoch++) expect(elements(a)).toEqual(elements(b));
  });

  test.prop([length, batchSize, batchSize, seed])(
    "does not depend on the batch size",
    (n, one, other, from) => {
      expect(elements(seeded(n, one, from))).toEqual(elements(seeded(n, other, from)));
    },
  );

  test.prop([seed])("gives each epoch an order of its own", (from) => {
    const loader = seeded(40, 8, from);
    expect(elements(loader)).not.toEqual(elements(loader));
  });

  it("gives the orders that this seed has always given", () => {
    expect(elements(seeded(10, 4, 42))).toEqual([7, 4, 8, 3, 2, 9, 1, 6, 5, 0]);
  });

  it("draws from the generator that manualSeed seeds unless given another", () => {
    const loader = new DataLoader(numbers(30), { shuffle: true });
    manualSeed(3);
    const first = elements(loader);
    manualSeed(3);
    expect(elements(loader)).toEqual(first);
  });

  it("draws the order when the iteration starts, so that loops can be interleaved", () => {
    const loader = seeded(20, 1, 5);
    const [a, b] = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
    const late = elements({ [Symbol.iterator]: () => b });
    const early = elements({ [Symbol.iterator]: () => a });
    const again = seeded(20, 1, 5);
    expect([early, late]).toEqual([elements(again), elements(again)]);
  });
});

describe("datasets of other kinds", () => {
  const words: Dataset<{ x: number[]; y: Tensor; odd: boolean }> = {
    length: 3,
    get: (i) => ({ x: [i, 10 * i], y: tensor([i, i + 1]), odd: i % 2 === 1 }),
  };

  it("are stacked member by member", () => {
    const [batch] = new DataLoader(words, { batchSize: 3 });
    expectTypeOf(batch!.y).toEqualTypeOf<Tensor>();
    expect(batch!.x.map((x) => x.toArray())).toEqual([
      [0, 1, 2],
      [0, 10, 20],
    ]);
    expect(batch!.y.toArray()).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(batch!.odd.toArray()).toEqual([0, 1, 0]);
  });

  it("may bring their own batches, or a collate function", () => {
    const doubled = {
      length: 4,
      get: (i: number) => i,
      batch: (indices: readonly number[]) => tensor([...indices]).mul(2),
    };
    expect([...new DataLoader(doubled, { batchSize: 4 })].map((x) => x.toArray())).toEqual([[0, 2, 4, 6]]);
    const texts = new DataLoader(doubled, { batchSize: 2, collate: (examples) => examples.join("-") });
    expectTypeOf([...texts]).toEqualTypeOf<string[]>();
    expect([...texts]).toEqual(["0-1", "2-3"]);
  });

  it("may return promises, to for await", async () => {
    const slow: Dataset<Promise<[number, number]>> = { length: 3, get: async (i) => [i, i * i] };
    const loader = new DataLoader(slow, { batchSize: 2 });
    const batches: unknown[] = [];
    for await (const [x, y] of loader) {
      expectTypeOf(x).toEqualTypeOf<Tensor>();
      batches.push([x.toArray(), y.toArray()]);
    }
    expect(batches).toEqual([
      [
        [0, 1],
        [0, 1],
      ],
      [[2], [4]],
    ]);
    expect(() => [...loader]).toThrow(
      "DataLoader: the dataset returns promises, not examples; iterate with for await",
    );
  });

  it("may grow between epochs", () => {
    const list = { length: 1, get: (i: number) => i };
    const loader = new DataLoader(list);
    list.length = 3;
    expect([loader.length, [...loader].length]).toEqual([3, 3]);
  });
});

describe("options", () => {
  it.each([0, -1, 1.5, Number.NaN])("refuse a batch size of %s", (size) => {
    expect(() => new DataLoader(numbers(3), { batchSize: size })).toThrow(
      `DataLoader: batchSize must be a whole number from 1 on, got ${size}; pass dataset.length for a single batch`,
    );
  });

  it("refuse what is not a dataset", () => {
    expect(() => new DataLoader([1, 2] as unknown as Dataset<number>)).toThrow(
      "DataLoader: a dataset needs get(index) and a length, got get of type undefined and length 2; " +
        "wrap tensors: new TensorDataset(inputs, targets)",
    );
    expect(() => new DataLoader(undefined as unknown as Dataset<number>)).toThrow("got undefined");
  });
});
