import { createOptimizer, type ParameterInput } from "@thalweg/optim";
import { tensor } from "@thalweg/tensor";
import { initWebGPU } from "@thalweg/tensor/webgpu";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Adan } from "./adan";
import { spirals } from "./spirals";
import { train } from "./train";

const session = await initWebGPU().catch((error: Error) => {
  if (process.env.CI) throw error;
  console.warn(`not on WebGPU, ${error.message}`);
  return null;
});

const adan = (params: ParameterInput) => createOptimizer("adan", params, { lr: 0.2 });

/** The algorithm as in the paper, for one number; its betas are 1 minus those here. */
function transcribed(start: number, grads: readonly number[]): number[] {
  const [lr, b1, b2, b3, eps, decay] = [0.1, 0.02, 0.08, 0.01, 1e-3, 0.05];
  let [theta, m, v, n] = [start, 0, 0, 0];
  return grads.map((g, i) => {
    const t = i + 1;
    const change = i === 0 ? 0 : g - grads[i - 1]!;
    m = (1 - b1) * m + b1 * g;
    v = (1 - b2) * v + b2 * change;
    n = (1 - b3) * n + b3 * (g + (1 - b2) * change) ** 2;
    const [mean, meanChange, square] = [m / (1 - 0.98 ** t), v / (1 - 0.92 ** t), n / (1 - 0.99 ** t)];
    theta = (theta - (lr / (Math.sqrt(square) + eps)) * (mean + (1 - b2) * meanChange)) / (1 + decay * lr);
    return theta;
  });
}

describe("Adan", () => {
  it("is the algorithm of the paper", () => {
    const w = tensor([0.7], { requiresGrad: true, dtype: "float64" });
    const optimizer = new Adan([w], { lr: 0.1, eps: 1e-3, weightDecay: 0.05 });
    const grads = Array.from({ length: 20 }, (_, i) => Math.cos(2 * i) + 0.3 / (i + 1));
    transcribed(0.7, grads).forEach((expected, i) => {
      w.grad = tensor([grads[i]!], { dtype: "float64" });
      optimizer.step();
      expect(w.item()).toBeCloseTo(expected, 12);
    });
  });

  it("is known by its name, with the types of its options", () => {
    const params = [tensor([1], { requiresGrad: true })];
    const optimizer = createOptimizer("adan", params, { betas: [0.9, 0.8, 0.7] });
    expect(optimizer).toBeInstanceOf(Adan);
    expectTypeOf(optimizer.paramGroups[0]!.betas).toEqualTypeOf<[number, number, number]>();
    // @ts-expect-error there are three of them
    expect(() => createOptimizer("adan", params, { betas: [0.9, 0.8] })).toThrow(
      /^createOptimizer: betas must be an array of .*3.*, .* finite number, at least 0 and below 1, got \[0.9, 0.8\]; /,
    );
    // @ts-expect-error an option of another
    expect(() => createOptimizer("adan", params, { momentum: 0.9 })).toThrow(
      'createOptimizer: there is no option "momentum"',
    );
  });

  it("separates spirals", async () => {
    const { losses, accuracy } = await train(spirals(40), adan, 150);
    expect(losses).toHaveLength(150);
    expect(losses.at(-1)).toBeLessThan(0.05);
    expect(accuracy).toBe(1);
  });
});

describe.skipIf(session === null)("Adan on WebGPU", () => {
  it("trains like the CPU", async () => {
    const data = spirals(40);
    const [here, there] = [await train(data, adan, 40), await train(data, adan, 40, "webgpu")];
    there.losses.forEach((loss, i) => {
      expect(Math.abs(loss - here.losses[i]!), `step ${i}`).toBeLessThan(1e-3);
    });
    expect(there.losses.at(-1)).toBeLessThan(here.losses[0]!);
  });

  it("is one kernel for each parameter", () => {
    const params = [[3, 2], [3], [1, 3]].map((shape) => {
      const w = tensor(
        [3, 1, 2, 0.5, 4, 1].slice(
          0,
          shape.reduce((a, b) => a * b),
        ),
        {
          shape,
          requiresGrad: true,
          device: "webgpu",
        },
      );
      w.grad = w.detach().mul(2);
      return w;
    });
    const optimizer = adan(params);
    optimizer.step();
    const { dispatches } = session!.counts;
    optimizer.step();
    expect(session!.counts.dispatches - dispatches).toBe(params.length);
  });
});
