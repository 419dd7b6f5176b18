import { DTypeError, ShapeError, ThalwegError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import {
  bernoulli_,
  exponential,
  exponential_,
  Generator,
  geometric,
  geometric_,
  gumbel,
  multinomial,
  normal,
  normal_,
  ones,
  rand,
  type Tensor,
  tensor,
  uniform_,
  zeros,
} from "./index";

const count = 40_000;
/** A normal number is further from its mean, in standard deviations, less than once in 10^9 draws. */
const far = 6.2;
const options = (seed = 5) => ({ generator: new Generator(seed) });
const numbers = (x: Tensor) => Array.from(x.dataSync());

function expectMoments(x: Tensor, mean: number, variance: number, fourth: number): void {
  const values = numbers(x.to("float64"));
  const average = (of: (value: number) => number) =>
    values.reduce((sum, value) => sum + of(value), 0) / values.length;
  expect(Math.abs(average((value) => value) - mean)).toBeLessThan(far * Math.sqrt(variance / values.length));
  const spread = Math.sqrt((fourth - variance ** 2) / values.length);
  expect(Math.abs(average((value) => (value - mean) ** 2) - variance)).toBeLessThan(far * spread);
}

/** Compares a sample with a distribution (Kolmogorov and Smirnov): the limit is exceeded once in 10^9 samples. */
function expectDistribution(x: Tensor, cumulative: (x: number) => number): void {
  const sorted = numbers(x).sort((a, b) => a - b);
  const worst = sorted.reduce((most, value, i) => {
    const p = cumulative(value);
    return Math.max(most, p - i / sorted.length, (i + 1) / sorted.length - p);
  }, 0);
  expect(worst).toBeLessThan(Math.sqrt(Math.log(2e9) / 2 / sorted.length));
}

/** Compares how often each value was drawn with its probability. */
function expectFrequencies(values: readonly number[], probabilities: readonly number[]): void {
  const tally = probabilities.map(() => 0);
  for (const value of values) tally[value]!++;
  probabilities.forEach((p, i) => {
    expect(Math.abs(tally[i]! - p * values.length)).toBeLessThanOrEqual(
      far * Math.sqrt(p * (1 - p) * values.length),
    );
  });
}

describe("exponential", () => {
  it("has the moments and the distribution of its rate", () => {
    for (const rate of [1, 0.25, 8]) {
      const x = exponential([count], rate, options());
      expectMoments(x, 1 / rate, rate ** -2, 9 * rate ** -4);
      expectDistribution(x, (value) => 1 - Math.exp(-rate * value));
    }
  });

  it("is -log(1 - u) of the generator's uniform numbers", () => {
    const u = rand([9], options());
    expect(numbers(exponential([9], 1, options()))).toEqual(numbers(u.neg().add(1).log().neg()));
  });

  it("is above 0 where the uniform number is 0", () => {
    // The first zero of this seed.
    const start = { seed: 42, position: 439_125 };
    const generator = new Generator();
    expect(numbers(rand([2], { generator: generator.setState(start) }))[1]).toBe(0);
    expect(numbers(exponential([2], 1, { generator: generator.setState(start) }))[1]).toBe(2 ** -25);
  });
});

it("gumbel has the moments and the distribution, and is -log of exponential numbers", () => {
  const x = gumbel([count], options());
  const variance = Math.PI ** 2 / 6;
  expectMoments(x, 0.5772156649015329, variance, 5.4 * variance ** 2);
  expectDistribution(x, (value) => Math.exp(-Math.exp(-value)));
  expect(numbers(x)).toEqual(numbers(exponential([count], 1, options()).log().neg()));
});

describe("geometric", () => {
  it("has each number as often as it should", () => {
    const values = numbers(geometric([count], 0.3, { ...options(), dtype: "int32" }));
    expect(Math.min(...values)).toBe(1);
    const few = values.map((value) => Math.min(value, 8));
    const first = Array.from({ length: 7 }, (_, k) => 0.3 * 0.7 ** k);
    expectFrequencies(few, [0, ...first, 0.7 ** 7]);
  });

  it("is 1 where every trial succeeds, and refuses other numbers than probabilities above 0", () => {
    expect(new Set(numbers(geometric([500], 1)))).toEqual(new Set([1]));
    expect(() => geometric([2], 0)).toThrow(
      "geometric: p must be a number above 0, at most 1, got 0; call it as geometric(shape, p, { device?, dtype?, requiresGrad?, generator? })",
    );
  });
});

describe("normal", () => {
  it("has the moments of numbers", () => {
    expectMoments(normal(-3, 2, [count], options()), -3, 4, 48);
  });

  it("has the moments of each element of tensors, which broadcast", () => {
    const x = normal(
      tensor([[-3], [5]]),
      tensor([0.5, 2, 8]).unsqueeze(1).unsqueeze(1).expand([3, 1, count]),
      options(),
    );
    expect(x.shape).toEqual([3, 2, count]);
    [0.5, 2, 8].forEach((std, i) => {
      [-3, 5].forEach((mean, j) => {
        expectMoments(x.select(0, i).select(0, j), mean, std ** 2, 3 * std ** 4);
      });
    });
  });

  it("takes the type of its tensors, and has no gradient", () => {
    const mean = zeros([2], { dtype: "float64", requiresGrad: true });
    expect(normal(mean, 1)).toMatchObject({ dtype: "float64", requiresGrad: false });
    expect(normal(ones([2]), mean).dtype).toBe("float64");
    expect(normal(0, 1, [2], { requiresGrad: true }).requiresGrad).toBe(true);
  });

  it.each<[string, new (...args: never[]) => Error, () => unknown]>([
    ["normal: a standard deviation is -1; it must not be negative", ThalwegError, () => normal(0, -1, [2])],
    [
      "normal: a standard deviation is -2; it must not be negative",
      ThalwegError,
      () => normal(0, tensor([1, -2])),
    ],
    [
      "normal: got tensors and a shape; leave the shape out, or expand the tensors",
      ShapeError,
      () => normal(ones([2]), 1, [2] as never),
    ],
    [
      "normal: numbers have no shape; call it as normal(mean, std, shape)",
      ShapeError,
      () => normal(0, 1, undefined as never),
    ],
    [
      'normal: needs floating point numbers, got int32; convert it with .to("float32")',
      DTypeError,
      () => normal(zeros([2], { dtype: "int32" }), 1),
    ],
    [
      "exponential: random numbers are floating, got int32; draw them with randint",
      DTypeError,
      () => exponential([2], 1, { dtype: "int32" }),
    ],
  ])("%s", (text, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(text);
  });
});

describe("multinomial", () => {
  const weights = [1, 0, 3, 4];
  const shares = weights.map((weight) => weight / 8);

  it("draws one category as often as its weight says", () => {
    const rows = tensor(weights).expand([count, 4]);
    const drawn = multinomial(rows, 1, options());
    expect(drawn).toMatchObject({ shape: [count, 1], dtype: "int32" });
    expectFrequencies(numbers(drawn), shares);
  });

  it("draws with replacement as often as weights say", () => {
    const drawn = multinomial(tensor([weights, [0, 2, 0, 6]]), count, { replacement: true, ...options() });
    expect(drawn).toMatchObject({ shape: [2, count], dtype: "int32" });
    expectFrequencies(numbers(drawn.select(0, 0)), shares);
    expectFrequencies(numbers(drawn.select(0, 1)), [0, 0.25, 0, 0.75]);
  });

  it("draws without replacement as often as weights of what remains say", () => {
    const drawn = numbers(multinomial(tensor(weights).expand([count, 4]), 2, options()));
    const pairs = Array.from({ length: count }, (_, i) => drawn[2 * i]! * 4 + drawn[2 * i + 1]!);
    const exact = shares.flatMap((p, i) => shares.map((q, j) => (i === j ? 0 : (p * q) / (1 - p))));
    expectFrequencies(pairs, exact);
  });

  it("draws every category once without replacement, and none of weight 0", () => {
    expect(numbers(multinomial(ones([50]), 50, options())).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    expect(numbers(multinomial(tensor(weights), 3, options()))).not.toContain(1);
    expect(multinomial(tensor([0, 1e-30, 0]), 5, { replacement: true }).toArray()).toEqual([1, 1, 1, 1, 1]);
    expect(multinomial(ones([0, 3]), 2).shape).toEqual([0, 2]);
  });

  it.each<[string, () => unknown]>([
    [
      "multinomial: too few weights are above 0, 1 in row 1 and 2 needed; draw fewer, or with replacement",
      () =>
        multinomial(
          tensor([
            [1, 2, 3],
            [0, 0, 1],
          ]),
          2,
        ),
    ],
    [
      "multinomial: too few weights are above 0, 0 in row 0 and 1 needed; give each row a weight above 0",
      () => multinomial(zeros([3]), 2, { replacement: true }),
    ],
    [
      "multinomial: a weight is -1; weights must be finite and not negative",
      () => multinomial(tensor([1, -1]), 1),
    ],
    [
      "multinomial: a weight is NaN; weights must be finite and not negative",
      () => multinomial(tensor([1, Number.NaN]), 1),
    ],
    [
      "multinomial: a weight is Infinity; weights must",
      () => multinomial(tensor([1, Number.POSITIVE_INFINITY]), 1),
    ],
    [
      "multinomial: cannot draw 3 categories of weights of shape [2]; pass [categories] or [rows, categories], and draw no more categories than there are without replacement",
      () => multinomial(ones([2]), 3),
    ],
    [
      "multinomial: cannot draw 1 categories of weights of shape [1, 1, 1]",
      () => multinomial(ones([1, 1, 1]), 1),
    ],
    ["multinomial: count must be a whole number from 1 on, got 0", () => multinomial(ones([2]), 0)],
    [
      "multinomial: needs floating point numbers, got int32",
      () => multinomial(ones([2], { dtype: "int32" }), 1),
    ],
  ])("%s", (text, call) => {
    expect(call).toThrow(text);
  });
});

describe("filling in place", () => {
  it("writes what the functions draw, through views, and returns the tensor", () => {
    const x = zeros([6, 3]);
    const column = x.select(1, 1);
    expect(normal_(column, 2, 3, options())).toBe(column);
    expect(numbers(column)).toEqual(numbers(normal(2, 3, [6], options())));
    expect(numbers(x.select(1, 0))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(numbers(exponential_(zeros([6]), 2, options()))).toEqual(numbers(exponential([6], 2, options())));
    expect(numbers(geometric_(zeros([6]), 0.5, options()))).toEqual(numbers(geometric([6], 0.5, options())));
    expect(numbers(uniform_(zeros([6]), 2, 6, options()))).toEqual(
      numbers(rand([6], options()).mul(4).add(2)),
    );
  });

  it("has the moments of its distributions", () => {
    expectMoments(uniform_(zeros([count]), -1, 3, options()), 1, 16 / 12, 4 ** 4 / 80);
    expectMoments(
      bernoulli_(zeros([count], { dtype: "int32" }), 0.25, options()),
      0.25,
      0.1875,
      0.1875 * 0.4375,
    );
    const filled = bernoulli_(zeros([3, 5], { dtype: "bool" }), tensor([[0], [1], [0]]));
    expect(filled.toArray()).toEqual([0, 1, 0].map((p) => new Array(5).fill(p)));
  });

  it("refuses ints, ranges the wrong way round, and other probabilities", () => {
    const ints = zeros([2], { dtype: "int32" });
    expect(() => uniform_(ints)).toThrow(
      "uniform_: random numbers are floating, got int32; draw them with randint",
    );
    expect(() => normal_(ints)).toThrow("normal_: random numbers are floating, got int32");
    expect(() => normal_(zeros([2]), 0, -1)).toThrow(
      "normal_: a standard deviation is -1; it must not be negative",
    );
    expect(() => uniform_(zeros([2]), 1, 0)).toThrow("uniform_: high is below low, 0 and 1; swap them");
    expect(() => bernoulli_(zeros([2]), tensor([0.5, 2]))).toThrow(
      "bernoulli_: a probability is 2; it must be from 0 to 1",
    );
  });
});
