import { fc, test } from "@fast-check/vitest";
import { DTypeError, IndexError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { full, tensor, zeros } from "./create";
import "./index";
import {
  bernoulli,
  defaultGenerator,
  Generator,
  manualSeed,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
} from "./random";
import type { Tensor } from "./tensor";

const seed = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const even = fc.integer({ min: 0, max: 10 }).map((n) => 2 * n);
const draws = { rand, randn } as const;

const numbers = (x: Tensor) => Array.from(x.dataSync());

describe.each(Object.entries(draws))("%s", (_, draw) => {
  test.prop([seed])("is a function of the seed", (from) => {
    const at = (start: number) => numbers(draw([3, 2], { generator: new Generator(start) }));
    expect(at(from)).toEqual(at(from));
    expect(at(from)).not.toEqual(at((from + 1) % Number.MAX_SAFE_INTEGER));
  });

  test.prop([seed, even, fc.nat({ max: 20 })])(
    "draws the same numbers in two calls as in one",
    (from, first, second) => {
      const generator = new Generator(from);
      const parts = [...numbers(draw([first], { generator })), ...numbers(draw([second], { generator }))];
      expect(parts).toEqual(numbers(draw([first + second], { generator: new Generator(from) })));
    },
  );

  test.prop([seed, fc.nat({ max: 20 })])("continues from a saved state", (from, before) => {
    const generator = new Generator(from);
    draw([before], { generator });
    const state = generator.getState();
    const next = numbers(draw([5], { generator }));
    expect(numbers(draw([5], { generator: new Generator().setState(state) }))).toEqual(next);
  });

  it.each<[unknown, string]>([
    [null, "got undefined"],
    ["state", "got undefined"],
    [{ seed: 1, position: { toString: 1 } }, "got an object"],
    [{ seed: [1], position: 1 }, "setState: the seed must be a whole number from 0 to 2^53 - 1, got [1]"],
  ])("refuses the state %j", (state, message) => {
    const generator = new Generator(3);
    expect(() => generator.setState(state as never)).toThrow(IndexError);
    expect(() => generator.setState(state as never)).toThrow(message);
    expect(generator.getState()).toEqual({ seed: 3, position: 0 });
  });

  it("is checked by prepareLoad, and set by the function that it returns", () => {
    const generator = new Generator(3);
    const load = generator.prepareLoad({ seed: 5, position: 7 });
    expect(generator.getState()).toEqual({ seed: 3, position: 0 });
    load();
    expect(generator.getState()).toEqual({ seed: 5, position: 7 });
  });

  it.each([-1, 0.5, Number.NaN])("refuses the position %s, and does not change", (position) => {
    const generator = new Generator(3);
    expect(() => generator.setState({ seed: 1, position })).toThrow(
      `setState: the position must be a whole number from 0 on, got ${position}; pass the result of getState()`,
    );
    expect(() => generator.setState({ seed: -1, position: 1 })).toThrow("setState: the seed must be");
    expect(generator.getState()).toEqual({ seed: 3, position: 0 });
  });

  it("does not draw the same numbers twice in a row", () => {
    const generator = new Generator(1);
    expect(numbers(draw([1], { generator }))).not.toEqual(numbers(draw([1], { generator })));
  });

  it("rounds the same numbers to both types", () => {
    const at = (dtype: "float32" | "float64") => draw([50], { dtype, generator: new Generator(3) });
    expect(numbers(at("float64").to("float32"))).toEqual(numbers(at("float32")));
  });
});

it("the numbers of a seed never change", () => {
  expect(numbers(rand([3], { generator: new Generator(42) }))).toMatchInlineSnapshot(`
    [
      0.8690483570098877,
      0.3102535009384155,
      0.15063238143920898,
    ]
  `);
  expect(numbers(randn([3], { generator: new Generator(42), dtype: "float64" }))).toMatchInlineSnapshot(`
    [
      -0.7452703714370728,
      1.8736133575439453,
      0.5708326101303101,
    ]
  `);
});

const count = 20_000;

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
}

/** Largest distance between the distribution of a sample and the expected one (Kolmogorov and Smirnov). */
function kolmogorov(values: readonly number[], cumulative: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((worst, x, i) => {
    const p = cumulative(x);
    return Math.max(worst, Math.abs(p - i / sorted.length), Math.abs(p - (i + 1) / sorted.length));
  }, 0);
}

/** A distance that is exceeded once in 10,000 samples. */
const limit = 2.23 / Math.sqrt(count);

/** Φ by Simpson's rule. */
function normalBelow(x: number): number {
  const steps = 200;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2) / 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

describe("a uniform sample", () => {
  const values = numbers(rand([count], { generator: new Generator(7) }));

  it("is in [0, 1)", () => {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });

  it("has the right moments and distribution", () => {
    const { mean, variance } = moments(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / count));
    expect(kolmogorov(values, (x) => x)).toBeLessThan(limit);
  });

  it("has uncorrelated neighbours", () => {
    for (const lag of [1, 2, 3, 64]) {
      const products = values.slice(lag).map((x, i) => (x - 0.5) * (values[i]! - 0.5) * 12);
      expect(Math.abs(moments(products).mean)).toBeLessThan(4 / Math.sqrt(products.length));
    }
  });
});

describe("a normal sample", () => {
  const values = numbers(randn([count], { generator: new Generator(8) }));

  it("has the right moments and distribution", () => {
    const { mean, variance } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moments(values.map((x) => x ** 3)).mean)).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(moments(values.map((x) => x ** 4)).mean - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    expect(kolmogorov(values, normalBelow)).toBeLessThan(limit);
  });

  it("has uncorrelated neighbours", () => {
    const products = values.slice(1).map((x, i) => x * values[i]!);
    expect(Math.abs(moments(products).mean)).toBeLessThan(4 / Math.sqrt(count));
  });

  it("is finite", () => {
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("randint", () => {
  test.prop([fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 2 ** 24 - 50 }), seed])(
    "draws whole numbers from low up to but not including high",
    (low, range, from) => {
      const x = randint([40], low, low + range, { generator: new Generator(from) });
      for (const value of numbers(x)) {
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThan(low + range);
      }
    },
  );

  it("draws each number about equally often", () => {
    const tally = new Array<number>(6).fill(0);
    for (const value of numbers(randint([count], 6, { generator: new Generator(4) }))) tally[value]!++;
    const squared = tally.reduce((sum, n) => sum + (n - count / 6) ** 2 / (count / 6), 0);
    // χ² with 5 degrees of freedom exceeds this limit once in 10,000 samples.
    expect(squared).toBeLessThan(25.7);
  });

  it("refuses a range without whole numbers", () => {
    expect(() => randint([2], 0)).toThrow(IndexError);
    expect(() => randint([2], 3, 3)).toThrow(
      "randint: the range has no whole numbers or too many, low 3 and high 3; use whole numbers with high > low, at most 2^24 apart",
    );
    expect(() => randint([2], 1.5)).toThrow(IndexError);
    expect(() => randint([2], 2 ** 24 + 1)).toThrow(IndexError);
  });

  it("draws numbers up to the limits of float32, and refuses others", () => {
    const from = (low: number, high: number, options = {}) =>
      numbers(randint([2000], low, high, { generator: new Generator(5), ...options }));
    for (const [low, high] of [
      [2 ** 24 - 4, 2 ** 24 + 1],
      [-(2 ** 24), 5 - 2 ** 24],
    ] as const) {
      const all = [0, 1, 2, 3, 4].map((i) => low + i);
      expect([...new Set(from(low, high))].sort((a, b) => a - b)).toEqual(all);
    }
    expect(() => from(2 ** 24 - 3, 2 ** 24 + 2)).toThrow(
      "randint: float32 holds whole numbers from -2^24 to 2^24, the numbers are 16777213 to 16777217; use float64",
    );
    expect(() => from(2 ** 25, 2 ** 25 + 9)).toThrow(DTypeError);
    expect(() => from(-(2 ** 24) - 1, 0)).toThrow(IndexError);
    expect(() => from(-(2 ** 24) - 1, -9)).toThrow(DTypeError);
    const wide = from(2 ** 40, 2 ** 40 + 7, { dtype: "float64" });
    expect([...new Set(wide)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => 2 ** 40 + i));
  });
});

describe("randperm", () => {
  it("refuses more numbers than the element type holds, before it draws any", () => {
    const generator = new Generator(3);
    expect(() => randperm(2 ** 24 + 2, { generator, dtype: "float32" })).toThrow(
      "randperm: float32 holds whole numbers from -2^24 to 2^24, the numbers are 0 to 16777217; use float64",
    );
    expect(generator.getState().position).toBe(0);
  });

  test.prop([fc.nat({ max: 60 }), seed])("contains each number once", (n, from) => {
    const order = numbers(randperm(n, { generator: new Generator(from) }));
    expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it("draws every order about equally often", () => {
    const generator = new Generator(11);
    const tally = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = numbers(randperm(3, { generator })).join();
      tally.set(order, (tally.get(order) ?? 0) + 1);
    }
    expect(tally.size).toBe(6);
    for (const times of tally.values()) expect(Math.abs(times - 1000)).toBeLessThan(4 * Math.sqrt(1000));
  });
});

describe("bernoulli", () => {
  it("is 1 as often as the probability of the element says", () => {
    const generator = new Generator(5);
    const p = tensor([0, 0.25, 1]).unsqueeze(1).expand([3, count]);
    const [never, sometimes, always] = bernoulli(p, { generator }).mean(1).toArray() as number[];
    expect([never, always]).toEqual([0, 1]);
    expect(Math.abs(sometimes! - 0.25)).toBeLessThan(4 * Math.sqrt(0.1875 / count));
    expect(Math.abs(bernoulli([count], 0.9, { generator }).mean().item() - 0.9)).toBeLessThan(0.01);
  });

  it("is 0 or 1, with probability 0.5 unless given", () => {
    const values = numbers(bernoulli([count]));
    expect(new Set(values)).toEqual(new Set([0, 1]));
    expect(Math.abs(moments(values).mean - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / count));
  });

  it("refuses values that are not probabilities", () => {
    expect(() => bernoulli([2], 1.5)).toThrow("bernoulli: p is 1.5; it must be from 0 to 1");
  });
});

describe("the default generator", () => {
  it("restarts with manualSeed, which returns it", () => {
    expect(manualSeed(9)).toBe(defaultGenerator);
    const first = numbers(rand([4]));
    manualSeed(9);
    expect(numbers(rand([4]))).toEqual(first);
  });

  it("is not used by calls with their own generator", () => {
    manualSeed(1);
    const state = defaultGenerator.getState();
    rand([4], { generator: new Generator(2) });
    randperm(4, { generator: new Generator(2) });
    bernoulli(full([3], 0.5), { generator: new Generator(2) });
    expect(defaultGenerator.getState()).toEqual(state);
  });

  it("does not change when nothing is drawn", () => {
    manualSeed(1);
    rand([0, 3]);
    expect(defaultGenerator.getState()).toEqual({ seed: 1, position: 0 });
  });

  it("takes only whole numbers as seeds", () => {
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => manualSeed(wrong)).toThrow(
        `manualSeed: the seed must be a whole number from 0 to 2^53 - 1, got ${wrong}; round it`,
      );
    }
  });

  it("uses all bits of a large seed", () => {
    const at = (start: number) => numbers(rand([4], { generator: new Generator(start) }));
    expect(at(2 ** 32)).not.toEqual(at(0));
    expect(at(2 ** 52)).not.toEqual(at(2 ** 51));
  });
});

describe("random tensors", () => {
  it("can require grad", () => {
    for (const x of [rand([2], { requiresGrad: true }), randn([2], { requiresGrad: true })]) {
      expect(x).toMatchObject({ requiresGrad: true, isLeaf: true });
    }
  });

  it("take the shape and the type of another", () => {
    const x = zeros([2, 3], { dtype: "float64" });
    expect(randLike(x)).toMatchObject({ shape: [2, 3], dtype: "float64" });
    expect(randnLike(x, { dtype: "float32" })).toMatchObject({ shape: [2, 3], dtype: "float32" });
  });
});
