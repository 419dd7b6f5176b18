import { grad } from "@thalweg/autograd";
import { SGD } from "@thalweg/optim";
import { Generator, randn, type Tensor, tensor } from "@thalweg/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradcheck } from "./index";

const activations = {
  tanh: (x: Tensor) => x.tanh(),
  sigmoid: (x: Tensor) => x.sigmoid(),
  relu: (x: Tensor) => x.relu(),
  gelu: (x: Tensor) => x.gelu(),
  softplus: (x: Tensor) => x.softplus(),
  identity: (x: Tensor) => x,
} as const;

type Activation = keyof typeof activations;

const losses = {
  squares: (y: Tensor, t: Tensor) => y.sub(t).square().mean(),
  entropy: (y: Tensor, t: Tensor) => y.logSoftmax(1).mul(t.softmax(1)).sum(1).neg().mean(),
  distances: (y: Tensor, t: Tensor) => y.sub(t).square().sum(1).add(0.01).sqrt().sum(),
} as const;

/** A multilayer perceptron, in a form that fast-check can shrink. */
interface Recipe {
  readonly widths: readonly number[];
  readonly activation: Activation;
  readonly loss: keyof typeof losses;
  readonly batch: number;
  readonly seed: number;
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  widths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
  activation: fc.constantFrom(...(Object.keys(activations) as Activation[])),
  loss: fc.constantFrom(...(Object.keys(losses) as (keyof typeof losses)[])),
  batch: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat({ max: 10_000 }),
});

interface Network {
  /** Weight and bias of each layer in turn. */
  readonly parameters: Tensor[];
  loss(...parameters: Tensor[]): Tensor;
}

function build({ widths, activation, loss, batch, seed }: Recipe): Network {
  const generator = new Generator(seed);
  const random = (shape: number[]) => randn(shape, { generator, dtype: "float64" });
  const parameters = widths.slice(1).flatMap((width, i) => [random([width, widths[i]!]), random([width])]);
  for (const parameter of parameters) parameter.requiresGrad = true;
  const [x, target] = [random([batch, widths[0]!]), random([batch, widths.at(-1)!])];
  return {
    parameters,
    loss(...given) {
      let y = x;
      for (let i = 0; i < given.length; i += 2) {
        y = y.matmul(given[i]!.transpose(0, 1)).add(given[i + 1]!);
        if (i + 2 < given.length) y = activations[activation](y);
      }
      return losses[loss](y, target);
    },
  };
}

const squaredNorm = (gradients: readonly Tensor[]) =>
  gradients.reduce((sum, g) => sum + g.square().sum().item(), 0);

function gradients({ parameters, loss }: Network): Tensor[] {
  return grad(loss(...parameters), parameters, { allowUnused: true as const }).map(
    (g, i) => g ?? parameters[i]!.detach().mul(0),
  );
}

describe("backpropagation through a random network", () => {
  it("gives every parameter the gradient of finite differences", () => {
    fc.assert(
      fc.property(recipe, (described) => {
        const { parameters, loss } = build(described);
        const { compared, kinks } = gradcheck(loss, parameters, { allowAllKinks: true });
        expect(compared + kinks).toBe(parameters.reduce((sum, p) => sum + p.size, 0));
      }),
      { numRuns: 100 },
    );
  });

  it("gives the same gradients in float32, to its precision", () => {
    fc.assert(
      fc.property(recipe, (described) => {
        const { parameters, loss } = build(described);
        const wide = gradients({ parameters, loss });
        // The same function of float32 parameters, which are converted before and after.
        const narrow = parameters.map((p) =>
          tensor(p.to("float32").dataSync(), { shape: p.shape, requiresGrad: true }),
        );
        loss(...narrow.map((p) => p.to("float64"))).backward();
        const scale = Math.sqrt(squaredNorm(wide)) + 1;
        narrow.forEach((p, i) => {
          const difference = p.grad!.to("float64").sub(wide[i]!).abs().max().item();
          expect(difference).toBeLessThan(1e-3 * scale);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("a variable that is used in several places", () => {
  it("receives the sum over its paths", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 1000 }), (uses, seed) => {
        const generator = new Generator(seed);
        const random = () => randn([2, 2], { generator, dtype: "float64" });
        const start = random();
        const factors = Array.from({ length: uses }, random);
        /** Uses the given variables in turn. */
        const compute = (variables: readonly Tensor[]) =>
          factors
            .reduce((y, factor, i) => y.matmul(variables[i]!).add(variables[i]!.mul(factor)).tanh(), start)
            .sum();
        const shared = random();
        shared.requiresGrad = true;
        const copies = factors.map(() =>
          tensor(shared.dataSync(), { shape: [2, 2], dtype: "float64", requiresGrad: true }),
        );
        const whole = grad(compute(factors.map(() => shared)), shared);
        const parts = grad(compute(copies), copies);
        const sum = parts.reduce((total, part) => total.add(part));
        expect(whole.sub(sum).abs().max().item()).toBeLessThan(1e-12);
      }),
    );
  });

  it("receives w·x and w·y's gradients added: loss = f(w·x + w·y)", () => {
    const number = fc.integer({ min: -20, max: 20 }).map((n) => n / 4);
    fc.assert(
      fc.property(number, number, number, (w, x, y) => {
        const shared = tensor(w, { requiresGrad: true, dtype: "float64" });
        const c = shared.mul(x).add(shared.mul(y));
        c.sin().backward();
        const slope = Math.cos(w * x + w * y);
        expect(shared.grad!.item()).toBeCloseTo(slope * x + slope * y, 10);
      }),
    );
  });
});

describe("a step against the gradient", () => {
  it("lowers the loss when the rate is small enough", () => {
    fc.assert(
      fc.property(recipe, (described) => {
        const network = build(described);
        const { parameters, loss } = network;
        const found = gradients(network);
        // At a minimum, or where all units are dead, no step lowers the loss.
        fc.pre(squaredNorm(found) > 1e-8);
        const before = loss(...parameters).item();
        const start = parameters.map((p) => p.detach().clone());
        for (let lr = 1; lr > 1e-12; lr /= 4) {
          parameters.forEach((p, i) => {
            p.detach().copy_(start[i]!);
            p.grad = found[i]!;
          });
          new SGD(parameters, { lr }).step();
          if (loss(...parameters).item() < before) return;
        }
        throw new Error(`no rate lowered the loss of ${before}`);
      }),
      { numRuns: 60 },
    );
  });

  it("lowers it by the rate times the squared gradient, as the rate goes to 0", () => {
    fc.assert(
      fc.property(recipe, (described) => {
        const network = build({ ...described, activation: "tanh" });
        const { parameters, loss } = network;
        const found = gradients(network);
        const squared = squaredNorm(found);
        fc.pre(squared > 1e-2 && squared < 1e2);
        const lr = 1e-6;
        const before = loss(...parameters).item();
        parameters.forEach((p, i) => {
          p.grad = found[i]!;
        });
        new SGD(parameters, { lr }).step();
        const fall = before - loss(...parameters).item();
        expect(Math.abs(fall / (lr * squared) - 1)).toBeLessThan(1e-2);
      }),
      { numRuns: 40 },
    );
  });

  it("with too large a rate raises it", () => {
    const w = tensor([1], { requiresGrad: true });
    const optimizer = new SGD([w], { lr: 1.5 });
    const heights = [1, 2, 3].map(() => {
      optimizer.zeroGrad();
      const loss = w.square().sum();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    // Each step multiplies w by 1 - 2·1.5 = -2.
    expect(heights).toEqual([1, 4, 16]);
  });
});

describe("gradients that are not zeroed", () => {
  it("accumulate: k walks give k times the gradient", () => {
    fc.assert(
      fc.property(recipe, fc.integer({ min: 1, max: 4 }), (described, walks) => {
        const network = build(described);
        const { parameters, loss } = network;
        const once = gradients(network);
        for (let i = 0; i < walks; i++) loss(...parameters).backward();
        parameters.forEach((p, i) => {
          const total = p.grad ?? p.detach().mul(0);
          const error = total.sub(once[i]!.mul(walks)).abs().max().item();
          expect(error).toBeLessThan(1e-12 * (1 + once[i]!.abs().max().item()));
        });
        const optimizer = new SGD(parameters);
        optimizer.zeroGrad();
        loss(...parameters).backward();
        parameters.forEach((p, i) => {
          expect((p.grad ?? p.detach().mul(0)).toArray()).toEqual(once[i]!.toArray());
        });
      }),
      { numRuns: 40 },
    );
  });

  it("change the descent", () => {
    const run = (zero: boolean) => {
      const w = tensor(4, { requiresGrad: true });
      const optimizer = new SGD([w], { lr: 0.125 });
      return [1, 2, 3].map(() => {
        if (zero) optimizer.zeroGrad();
        w.square().backward();
        optimizer.step();
        return w.item();
      });
    };
    expect(run(true)).toEqual([3, 2.25, 1.6875]);
    // The gradients 8, 8 + 6, 8 + 6 + 2.5.
    expect(run(false)).toEqual([3, 1.25, -0.8125]);
  });
});
