import {
  Bernoulli,
  Categorical,
  type Distribution,
  Exponential,
  Gumbel,
  klDivergence,
  Normal,
  type ReparameterizedDistribution,
  Uniform,
} from "@thalweg/distributions";
import { Generator, rand, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { session } from "./session";

const generator = new Generator(5);
const [any, positive] = [randn([40, 4], { generator }), rand([40, 4], { generator }).add(0.5)];

const continuous: Record<string, (x: Tensor, y: Tensor) => ReparameterizedDistribution> = {
  Normal: (x, y) => new Normal(x, y),
  Gumbel: (x, y) => new Gumbel(x, y),
  Uniform: (x, y) => new Uniform(x, x.add(y)),
  Exponential: (_, y) => new Exponential(y),
};
const discrete: Record<string, (x: Tensor, y: Tensor) => Distribution> = {
  "Categorical of logits": (x) => new Categorical({ logits: x }),
  "Categorical of probs": (_, y) => new Categorical({ probs: y }),
  "Bernoulli of logits": (x) => new Bernoulli({ logits: x }),
};

/** What is asked of distributions on a device, and the gradients that follow. */
async function results(device: string, make: (x: Tensor, y: Tensor) => Distribution): Promise<number[]> {
  const [x, y] = [any, positive].map((of) => {
    const copy = of.clone().to(device);
    copy.requiresGrad = true;
    return copy;
  }) as [Tensor, Tensor];
  const distribution = make(x, y);
  const value = distribution.sample([], { generator: new Generator(2) });
  const other = make(x.mul(0.5), y.mul(2));
  const found = [distribution.logProb(value), distribution.entropy(), klDivergence(distribution, other)];
  if ("rsample" in distribution) {
    found.push((distribution as ReparameterizedDistribution).rsample([2], { generator: new Generator(3) }));
  }
  for (const result of found) result.sum().backward(undefined, { retainGraph: true });
  const all = [value, ...found, ...[x.grad, y.grad].filter((gradient) => gradient !== null)];
  return (await Promise.all(all.map((each) => each.data()))).flatMap((each) => Array.from(each));
}

describe.skipIf(session === null)("distributions on the GPU", () => {
  it.each(Object.entries({ ...continuous, ...discrete }))(
    "%s has the samples, values and gradients of the CPU, but for rounding",
    async (_, make) => {
      const [here, there] = [await results("cpu", make), await results("webgpu", make)];
      expect(there.length).toBe(here.length);
      there.forEach((value, i) => {
        if (Number.isFinite(here[i])) {
          expect(Math.abs(value - here[i]!)).toBeLessThan(2e-5 * Math.max(1, Math.abs(here[i]!)));
        } else expect(value).toBe(here[i]);
      });
    },
  );

  it("do not check numbers there", () => {
    const scale = tensor([-1]).to("webgpu");
    expect(new Normal(0, scale).batchShape).toEqual([1]);
    expect(String(new Normal(0, scale))).toBe("Normal(loc: [1], scale: [1])");
  });
});
