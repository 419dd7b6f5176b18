import { compile } from "@thalweg/compile";
import {
  DTypeError,
  defaultGenerator,
  exponential,
  Generator,
  gumbel,
  rand,
  randn,
  ShapeError,
  type Tensor,
  ThalwegError,
  tensor,
  zeros,
} from "@thalweg/tensor";
import { gradcheck, gradgradcheck } from "@thalweg/testing";
import { describe, expect, it } from "vitest";
import {
  Bernoulli,
  Categorical,
  Distribution,
  DistributionError,
  Exponential,
  Gumbel,
  klDivergence,
  Normal,
  type ReparameterizedDistribution,
  Uniform,
} from "./index";

const count = 40_000;
/** A mean of many numbers is further from the expected one, in standard deviations, less than once in 10^9 samples. */
const far = 6.2;
const options = (seed = 5) => ({ generator: new Generator(seed) });
const numbers = (x: Tensor) => Array.from(x.dataSync(), Number);
const wide = (values: number[]) => tensor(values, { dtype: "float64" });

const continuous: Record<string, () => ReparameterizedDistribution> = {
  Normal: () => new Normal(wide([-1, 2]), wide([0.5, 3])),
  Uniform: () => new Uniform(wide([-1, 2]), wide([0.5, 9])),
  Exponential: () => new Exponential(wide([0.5, 4])),
  Gumbel: () => new Gumbel(wide([-1, 2]), wide([0.5, 3])),
};
const discrete: Record<string, () => Distribution> = {
  "Bernoulli of probs": () => new Bernoulli({ probs: wide([0.25, 0.9]) }),
  "Bernoulli of logits": () => new Bernoulli({ logits: wide([-2, 0.5]) }),
};
const categorical: Record<string, () => Categorical> = {
  "Categorical of probs": () =>
    new Categorical({
      probs: tensor(
        [
          [1, 0, 3],
          [2, 2, 4],
        ],
        { dtype: "float64" },
      ),
    }),
  "Categorical of logits": () =>
    new Categorical({
      logits: tensor(
        [
          [1, -Infinity, 2],
          [0, 0, 1],
        ],
        { dtype: "float64" },
      ),
    }),
};

describe.each(Object.entries({ ...continuous, ...discrete }))("%s", (_, make) => {
  const distribution = make();
  const samples = distribution.sample([count], options());
  const column = (x: Tensor, i: number) => numbers(x.select(x.ndim - 1, i));
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  it("draws values with the mean and the variance that it says", () => {
    expect(samples).toMatchObject({ shape: [count, 2], dtype: "float64", requiresGrad: false });
    const [mean, variance] = [distribution.mean, distribution.variance].map(numbers) as [number[], number[]];
    for (const i of [0, 1]) {
      const values = column(samples, i);
      expect(Math.abs(average(values) - mean[i]!)).toBeLessThan(far * Math.sqrt(variance[i]! / count));
      const squares = values.map((x) => (x - mean[i]!) ** 2);
      const fourth = average(squares.map((x) => x ** 2));
      expect(Math.abs(average(squares) - variance[i]!)).toBeLessThan(far * Math.sqrt(fourth / count));
    }
  });

  it("has the entropy that log-probabilities of samples have on average", () => {
    const logs = distribution.logProb(samples);
    numbers(distribution.entropy()).forEach((entropy, i) => {
      const values = column(logs, i);
      const spread = Math.sqrt(average(values.map((x) => (x + entropy) ** 2)) / count);
      expect(Math.abs(average(values) + entropy)).toBeLessThanOrEqual(far * spread + 1e-12);
    });
  });

  it("has a standard deviation, the root of the variance", () => {
    const root = numbers(distribution.variance.sqrt());
    numbers(distribution.stddev).forEach((value, i) => {
      expect(value).toBeCloseTo(root[i]!, 12);
    });
  });

  it("has no divergence from itself", () => {
    for (const value of numbers(klDivergence(distribution, make())))
      expect(Math.abs(value)).toBeLessThan(1e-12);
  });

  it("has as many dimensions as its parameters, and draws one value of each unless told otherwise", () => {
    expect(distribution).toMatchObject({ batchShape: [2], eventShape: [] });
    expect(distribution.sample().shape).toEqual([2]);
    expect(distribution.sample([3, 0]).shape).toEqual([3, 0, 2]);
  });
});

describe.each(Object.entries(continuous))("rsample of %s", (_, make) => {
  it("draws what sample draws", () => {
    const distribution = make();
    expect(numbers(distribution.rsample([9], options()))).toEqual(
      numbers(distribution.sample([9], options())),
    );
  });
});

describe("reparameterised gradients", () => {
  const draw = { generator: new Generator(3) };
  const again = (distribution: ReparameterizedDistribution) => {
    draw.generator.manualSeed(3);
    return distribution.rsample([5], draw);
  };
  const parameters = [wide([-1, 2]), wide([0.5, 3])] as [Tensor, Tensor];

  it.each<[string, (...of: Tensor[]) => Tensor, Tensor[]]>([
    ["Normal", (loc, scale) => again(new Normal(loc!, scale!)), parameters],
    ["Gumbel", (loc, scale) => again(new Gumbel(loc!, scale!)), parameters],
    ["Uniform", (low, width) => again(new Uniform(low!, low!.add(width!))), parameters],
    ["Exponential", (rate) => again(new Exponential(rate!)), [wide([0.5, 3])]],
  ])("of %s are those of the function of the parameters", (_, of, inputs) => {
    expect(gradcheck(of, inputs)).toEqual({ compared: 2 * inputs.length, kinks: 0 });
  });

  it("are what the random numbers say", () => {
    const [loc, scale] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
    new Normal(loc, scale).rsample([6], options()).sum().backward();
    expect(loc.grad!.toArray()).toEqual([6, 6]);
    expect(scale.grad!.toArray()).toEqual(randn([6, 2], options()).sum(0).toArray());
    const low = tensor([0], { requiresGrad: true });
    new Uniform(low, 1).rsample([6], options()).sum().backward();
    expect(low.grad!.item()).toBeCloseTo(6 - rand([6], options()).sum().item(), 5);
    const rate = tensor(2, { requiresGrad: true });
    new Exponential(rate).rsample([], options()).backward();
    expect(rate.grad!.item()).toBeCloseTo(-exponential([], 1, options()).item() / 4, 6);
    const width = tensor(2, { requiresGrad: true });
    new Gumbel(0, width).rsample([], options()).backward();
    expect(width.grad!.item()).toBe(gumbel([], options()).item());
  });
});

describe("formulas have gradients of both orders", () => {
  const [a, b, row] = [wide([-1, 2]), wide([0.5, 3]), wide([0.25, 1.5, 2])] as [Tensor, Tensor, Tensor];
  const bernoulli = { probs: wide([0.25, 0.5]), logits: wide([-1, 2]) };
  const values = wide([0.75, 1.25]);
  const makes: [string, (...of: Tensor[]) => Distribution, Tensor[], Tensor][] = [
    ["Normal", (loc, scale) => new Normal(loc!, scale!), [a, b], values],
    ["Gumbel", (loc, scale) => new Gumbel(loc!, scale!), [a, b], values],
    [
      "Uniform",
      (low, width) => new Uniform(low!, low!.add(width!)),
      [wide([-1, -2]), wide([2, 3])],
      wide([0.75, 0.25]),
    ],
    ["Exponential", (rate) => new Exponential(rate!), [b], values],
    ["Bernoulli of probs", (probs) => new Bernoulli({ probs: probs! }), [bernoulli.probs], wide([1, 0])],
    ["Bernoulli of logits", (logits) => new Bernoulli({ logits: logits! }), [bernoulli.logits], wide([1, 0])],
    ["Categorical of probs", (probs) => new Categorical({ probs: probs! }), [row], wide([2, 0])],
    ["Categorical of logits", (logits) => new Categorical({ logits: logits! }), [row], wide([2, 0])],
  ];

  it.each(makes)("%s", (name, make, inputs, x) => {
    const formulas = {
      logProb: (...of: Tensor[]) => make(...of).logProb(x),
      entropy: (...of: Tensor[]) => make(...of).entropy(),
      divergence: (...of: Tensor[]) => {
        const other = make(...of.map((y) => y.mul(name === "Uniform" ? 1.25 : 0.75)));
        return klDivergence(make(...of), other);
      },
    };
    for (const formula of Object.values(formulas)) {
      for (const check of [gradcheck, gradgradcheck]) {
        const { compared, kinks } = check(formula, inputs);
        expect(compared).toBeGreaterThan(0);
        expect(kinks).toBe(0);
      }
    }
  });
});

describe.each(Object.entries(categorical))("%s", (_, make) => {
  const distribution = make();

  it("draws each category as often as its probability says", () => {
    const samples = distribution.sample([count], options());
    expect(samples).toMatchObject({ shape: [count, 2], dtype: "int32" });
    const probs = distribution.probs.toArray() as number[][];
    for (const row of [0, 1]) {
      const values = numbers(samples.select(1, row));
      probs[row]!.forEach((p, k) => {
        const times = values.filter((value) => value === k).length;
        expect(Math.abs(times - p * count)).toBeLessThanOrEqual(far * Math.sqrt(p * (1 - p) * count));
      });
    }
  });

  it("has shapes of batches, and the average of its log-probabilities as entropy", () => {
    expect(distribution).toMatchObject({ batchShape: [2], eventShape: [] });
    expect(distribution.sample().shape).toEqual([2]);
    expect(distribution.sample([3, 4]).shape).toEqual([3, 4, 2]);
    expect(distribution.sample([3, 0]).shape).toEqual([3, 0, 2]);
    expect(distribution.logProb(2).shape).toEqual([2]);
    expect(distribution.logProb(zeros([5, 1])).shape).toEqual([5, 2]);
    const { probs } = distribution;
    const terms = [0, 2].map((k) => probs.select(1, k).mul(distribution.logProb(k)));
    expect(numbers(terms[0]!.add(terms[1]!).neg())[0]).toBeCloseTo(numbers(distribution.entropy())[0]!, 12);
  });

  it("has neither a mean nor a variance", () => {
    for (const x of [distribution.mean, distribution.variance])
      expect(x.toArray()).toEqual([Number.NaN, Number.NaN]);
  });

  it("is not divergent from itself, and infinitely so from one that lacks a category", () => {
    for (const value of numbers(klDivergence(distribution, make())))
      expect(Math.abs(value)).toBeLessThan(1e-12);
    const other = new Categorical({ probs: tensor([1, 1, 0], { dtype: "float64" }) });
    expect(klDivergence(distribution, other).toArray()).toEqual([Infinity, Infinity]);
  });
});

describe("edges", () => {
  it("probabilities of 0 and 1 have the logarithms of PyTorch", () => {
    const eps = 2 ** -23;
    expect(new Categorical({ probs: tensor([0, 4]) }).logProb(0).item()).toBeCloseTo(Math.log(eps), 4);
    expect(new Bernoulli({ probs: 0 }).logProb(1).item()).toBeCloseTo(Math.log(eps), 4);
    expect(new Categorical({ logits: tensor([-Infinity, 4]) }).logProb(0).item()).toBe(-Infinity);
    expect(new Bernoulli({ probs: tensor([0, 1]) }).entropy().toArray()).toEqual([
      expect.closeTo(0, 4),
      expect.closeTo(0, 4),
    ]);
  });

  it("gradients are finite beside impossible categories", () => {
    const logits = tensor([-Infinity, 1, 2], { requiresGrad: true });
    const p = new Categorical({ logits });
    klDivergence(p, new Categorical({ logits: tensor([0, 0, 0]) }))
      .add(p.entropy())
      .backward();
    expect(numbers(logits.grad!).every(Number.isFinite)).toBe(true);
  });

  it("a uniform value on the upper bound has no density, and one distribution beyond another an infinite divergence", () => {
    expect(new Uniform(0, 2).logProb(tensor([0, 2])).toArray()).toEqual([
      expect.closeTo(-Math.log(2), 6),
      -Infinity,
    ]);
    expect(klDivergence(new Uniform(0, 3), new Uniform(tensor([0, -1]), tensor([2, 4]))).toArray()).toEqual([
      Infinity,
      expect.closeTo(Math.log(5 / 3), 6),
    ]);
  });

  it("numbers take the type of a tensor beside them", () => {
    expect(new Normal(0, wide([1])).loc.dtype).toBe("float64");
    expect(new Normal(0, wide([1])).logProb(1).dtype).toBe("float64");
    expect(new Normal(0, 1)).toMatchObject({ batchShape: [] });
    expect(new Bernoulli({ probs: 0.5 }).logProb(tensor([true, false])).toArray()).toEqual([
      expect.closeTo(Math.log(0.5), 6),
      expect.closeTo(Math.log(0.5), 6),
    ]);
  });

  it("nothing is checked with validateArgs: false", () => {
    const unchecked = { validateArgs: false };
    expect(new Normal(0, -1, unchecked).logProb(1).item()).toBeNaN();
    expect(new Exponential(1, unchecked).logProb(-1).item()).toBe(1);
    expect(new Uniform(0, 1, unchecked).logProb(3).item()).toBe(-Infinity);
    expect(new Uniform(1, 0, unchecked).entropy().item()).toBeNaN();
  });
});

it("texts show the class and its parameters", () => {
  expect(String(new Normal(0, 2.5))).toBe("Normal(loc: 0, scale: 2.5)");
  expect(`${new Normal(zeros([2, 3]), 1)}`).toBe("Normal(loc: [2, 3], scale: [2, 3])");
  expect(String(new Categorical({ probs: tensor([1, 1]) }))).toBe("Categorical(probs: [2])");
  expect(String(new Bernoulli({ logits: 0 }))).toBe("Bernoulli(logits: 0)");
});

describe("compiled functions", () => {
  it("have the bits of the functions, and check what is given to them", () => {
    const losses = (logits: Tensor, loc: Tensor) => {
      const policy = new Categorical({ logits });
      const action = policy.sample();
      const code = new Normal(loc, 0.5);
      return [
        action,
        policy.logProb(action),
        policy.entropy(),
        code.rsample([3]),
        klDivergence(code, new Normal(0, 1)),
      ];
    };
    const compiled = compile(losses);
    const run = (f: typeof losses) => {
      const logits = randn([4, 5], options(1));
      const generator = new Generator(9);
      return [1, 2, 3, 4].map((k) => f(logits.mul(k), randn([2], { generator })).map(numbers));
    };
    const state = options(2).generator.getState();
    defaultGenerator.setState(state);
    const expected = run(losses);
    defaultGenerator.setState(state);
    expect(run(compiled)).toEqual(expected);
    expect(() => compiled(tensor(new Array(4).fill(new Array(5).fill(Number.NaN))), zeros([2]))).toThrow(
      "Categorical: logits must be a number, got NaN",
    );
  });
});

describe("errors", () => {
  it.each<[string, new (...args: never[]) => Error, () => unknown]>([
    [
      "Normal: scale must be above 0, got -1; validateArgs: false turns this check off",
      DistributionError,
      () => new Normal(0, tensor([1, -1])),
    ],
    ["Normal: loc must be a number, got NaN", DistributionError, () => new Normal(Number.NaN, 1)],
    [
      'Normal: loc must be floating, got int32; convert it with .to("float32")',
      DTypeError,
      () => new Normal(zeros([2], { dtype: "int32" }), 1),
    ],
    [
      "Normal: shapes do not broadcast, [2] and [3]",
      ShapeError,
      () => new Normal(zeros([2]), tensor([1, 1, 1])),
    ],
    [
      "Normal.logProb: value must be a number, got NaN",
      DistributionError,
      () => new Normal(0, 1).logProb(Number.NaN),
    ],
    [
      "Normal.logProb: shapes do not broadcast, [3] and [2]",
      ShapeError,
      () => new Normal(zeros([2]), 1).logProb(zeros([3])),
    ],
    [
      "Normal.sample: sampleShape must be an array of whole numbers from 0 on, got 3",
      ShapeError,
      () => new Normal(0, 1).sample(3 as never),
    ],
    [
      'Normal.rsample: there is no option "seed"',
      ThalwegError,
      () => new Normal(0, 1).rsample([], { seed: 1 } as never),
    ],
    ["Gumbel: scale must be above 0, got 0", DistributionError, () => new Gumbel(0, 0)],
    ["Exponential: rate must be above 0, got -2", DistributionError, () => new Exponential(-2)],
    [
      "Exponential.logProb: value must be a number from 0 on, got -1",
      DistributionError,
      () => new Exponential(1).logProb(-1),
    ],
    [
      "Uniform: high must be above low; validateArgs: false turns this check off",
      DistributionError,
      () => new Uniform(tensor([0, 1]), 1),
    ],
    [
      "Uniform.logProb: a value is not between low and high",
      DistributionError,
      () => new Uniform(0, 1).logProb(2),
    ],
    [
      "Bernoulli: probs must be a number from 0 to 1, got 1.5",
      DistributionError,
      () => new Bernoulli({ probs: 1.5 }),
    ],
    [
      "Bernoulli: got both of probs and logits; give one of them",
      ThalwegError,
      () => new Bernoulli({ probs: 0.5, logits: 0 } as never),
    ],
    [
      "Bernoulli: got neither of probs and logits; give one of them",
      ThalwegError,
      () => new Bernoulli({} as never),
    ],
    [
      "Bernoulli.logProb: value must be 0 or 1, got 0.5",
      DistributionError,
      () => new Bernoulli({ probs: 0.5 }).logProb(0.5),
    ],
    [
      "Categorical: probs must be a number from 0 on, got -1",
      DistributionError,
      () => new Categorical({ probs: tensor([2, -1]) }),
    ],
    [
      "Categorical: normalised probs must be a number, got NaN",
      DistributionError,
      () => new Categorical({ probs: zeros([2]) }),
    ],
    [
      "Categorical: probs hold no categories, shape []; pass [...batch, categories]",
      ShapeError,
      () => new Categorical({ probs: tensor(1) }),
    ],
    [
      "Categorical.logProb: value must be a whole number from 0 to 1, got 2",
      DistributionError,
      () => new Categorical({ probs: tensor([1, 1]) }).logProb(2),
    ],
    [
      "Distribution: has no formulas; use one such as Normal",
      ThalwegError,
      () => Reflect.construct(Distribution, []),
    ],
    [
      "klDivergence: there is no formula for Normal and Gumbel; average p.logProb(x).sub(q.logProb(x)) over samples x of p",
      DistributionError,
      () => klDivergence(new Normal(0, 1), new Gumbel(0, 1)),
    ],
    [
      "klDivergence: q must be a distribution, got 1; call it as klDivergence(p, q)",
      ThalwegError,
      () => klDivergence(new Normal(0, 1), 1 as never),
    ],
  ])("%s", (text, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(text);
  });
});
