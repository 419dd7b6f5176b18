import { fc, test } from "@fast-check/vitest";
import { ArgumentError, arange, Generator, manualSeed, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { DataError } from "./data-error";
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

  test.prop([length, batchSize, fc.boolean()])(
    "has full batches, except for the last",
    (n, size, dropLast) => {
      const loader = new DataLoader(numbers(n), { batchSize: size, dropLast });
      const sizes = [...loader].map(([x]) => x.shape[0]!);
      const rest = dropLast ? [] : [n % size].filter((last) => last > 0);
      expect(sizes).toEqual([...Array(Math.floor(n / size)).fill(size), ...rest]);
      expect(loader.length).toBe(sizes.length);
    },
  );

  test.prop([length, batchSize, seed])("is the same with for await and with for", async (n, size, from) => {
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

  test.prop([seed])("gives each epoch its own order", (from) => {
    const loader = seeded(40, 8, from);
    expect(elements(loader)).not.toEqual(elements(loader));
  });

  it("keeps the orders of a seed across versions", () => {
    expect(elements(seeded(10, 4, 42))).toEqual([7, 4, 8, 3, 2, 9, 1, 6, 5, 0]);
  });

  it("draws from the generator that manualSeed seeds by default", () => {
    const loader = new DataLoader(numbers(30), { shuffle: true });
    manualSeed(3);
    const first = elements(loader);
    manualSeed(3);
    expect(elements(loader)).toEqual(first);
  });

  it("draws the order when an iteration starts, so that loops can be interleaved", () => {
    const loader = seeded(20, 1, 5);
    const [a, b] = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
    const late = elements({ [Symbol.iterator]: () => b });
    const early = elements({ [Symbol.iterator]: () => a });
    const again = seeded(20, 1, 5);
    expect([early, late]).toEqual([elements(again), elements(again)]);
  });
});

describe("custom datasets", () => {
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

  it("may make their own batches, or a collate function", () => {
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

describe("arrays", () => {
  it("are datasets of their elements, and texts in examples become arrays of texts", () => {
    const loader = new DataLoader(
      [
        { words: "a b", label: 0, ids: [1, 2] },
        { words: "c", label: 1, ids: [3, 4] },
      ],
      { batchSize: 2 },
    );
    const [batch] = loader;
    expectTypeOf(batch!.words).toEqualTypeOf<string[]>();
    expectTypeOf(batch!.ids).toEqualTypeOf<Tensor[]>();
    expect([batch!.words, batch!.label.toArray(), batch!.ids.map((x) => x.toArray())]).toEqual([
      ["a b", "c"],
      [0, 1],
      [
        [1, 3],
        [2, 4],
      ],
    ]);
    expect([...new DataLoader(["a", "b", "c"], { batchSize: 2 })]).toEqual([["a", "b"], ["c"]]);
  });

  it("may grow between epochs", () => {
    const list = [1];
    const loader = new DataLoader(list);
    list.push(2);
    expect([...loader].map((x) => x.item())).toEqual([1, 2]);
  });
});

describe("options", () => {
  it("that do not exist, or are of another type, are refused", () => {
    const make = (options: object) => () => new DataLoader([1], options);
    expect(make({ batchsize: 2 })).toThrow(ArgumentError);
    expect(make({ batchsize: 2 })).toThrow(
      'DataLoader: there is no option "batchsize"; did you mean batchSize? options: batchSize, shuffle, sampler',
    );
    expect(make({ shuffle: 1 })).toThrow("DataLoader: shuffle must be true or false, got 1; call it as");
    expect(make({ generator: 7 })).toThrow("DataLoader: generator must be a Generator, got 7");
    expect(make({ prefetch: -1 })).toThrow(
      "DataLoader: prefetch must be a whole number from 0 on, got -1; 2 is",
    );
    expect(make(2 as unknown as object)).toThrow("DataLoader: options must be an object of options, got 2");
  });

  it.each([0, -1, 1.5, Number.NaN])("refuse a batch size of %s", (size) => {
    expect(() => new DataLoader(numbers(3), { batchSize: size })).toThrow(
      `DataLoader: batchSize must be a whole number from 1 on, got ${size}; pass dataset.length for a single batch`,
    );
  });

  it("refuse a value that is not a dataset", () => {
    const wrong = (dataset: unknown) => () => new DataLoader(dataset as Dataset<number>);
    expect(wrong({ length: 2 })).toThrow(DataError);
    expect(wrong({ length: 2 })).toThrow(
      "DataLoader: a dataset needs get(index) and a length, got get of type undefined and length 2; " +
        "wrap tensors: new TensorDataset(inputs, targets)",
    );
    expect(wrong(undefined)).toThrow("got nothing; wrap");
    expect(wrong({ get: () => 1, length: -1 })).toThrow("got get of type function and length -1; wrap");
  });
});
