import { noGrad } from "@thalweg/autograd";
import { compile } from "@thalweg/compile";
import { crossEntropy } from "@thalweg/losses";
import { BatchNorm1d, Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, CosineAnnealingLR, clipGradNorm_, Muon, SGD } from "@thalweg/optim";
import { bernoulli, manualSeed, randn, softmax, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import type { Make } from "../src/training";
import { session } from "./session";

const here = describe.skipIf(session === null);

/** Losses and parameters of 30 steps on WebGPU. */
async function trained(make: Make, isCompiled: boolean): Promise<number[]> {
  manualSeed(1);
  const model = new Sequential(
    new Linear(6, 24),
    new BatchNorm1d(24),
    new ReLU(),
    new Dropout(0.25),
    new Linear(24, 3),
  );
  model.to("webgpu");
  const optimizer = make(model.parameters());
  const body = (x: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return loss;
  };
  const step = isCompiled ? compile(body) : body;
  const scheduler = new CosineAnnealingLR(optimizer as SGD, { tMax: 30 });
  const seen: number[] = [];
  for (let i = 0; i < 30; i++) {
    const x = randn([16, 6]).to("webgpu");
    const y = tensor(
      Array.from({ length: 16 }, (_, k) => (k + i) % 3),
      { dtype: "int32", device: "webgpu" },
    );
    seen.push(await step(x, y).itemAsync());
    scheduler.step();
  }
  for (const state of Object.values(model.stateDict())) seen.push(...(await state.data()));
  return seen;
}

const optimizers: [string, Make][] = [
  ["SGD", (params) => new SGD(params, { lr: 0.05, momentum: 0.9 })],
  ["Adam", (params) => new Adam(params, { lr: 0.02 })],
];

here("compiled functions on WebGPU", () => {
  it.each(optimizers)("train as eager does, with %s", async (_, make) => {
    const [compiled, eager] = [await trained(make, true), await trained(make, false)];
    expect(compiled.length).toBe(eager.length);
    compiled.forEach((value, i) => {
      expect(Math.abs(value - eager[i]!), `value ${i}`).toBeLessThan(1e-4 * Math.max(1, Math.abs(eager[i]!)));
    });
  });

  it("run a rule for tensors, whose numbers are computed anew", async () => {
    const run = async (isCompiled: boolean) => {
      manualSeed(2);
      const w = randn([4, 3]).to("webgpu");
      w.requiresGrad = true;
      const optimizer = new Muon([w], { lr: 0.1 });
      const body = (x: Tensor) => {
        optimizer.zeroGrad();
        const loss = x.matmul(w).square().mean();
        loss.backward();
        optimizer.step();
        return loss;
      };
      const step = isCompiled ? compile(body) : body;
      const losses: number[] = [];
      for (let i = 0; i < 8; i++) {
        losses.push(await step(randn([5, 4]).to("webgpu")).itemAsync());
        optimizer.paramGroups[0]!.lr *= 0.9;
      }
      return losses;
    };
    const [compiled, eager] = [await run(true), await run(false)];
    compiled.forEach((loss, i) => {
      expect(loss).toBeCloseTo(eager[i]!, 4);
    });
  });

  it("join maps, reductions and products with the results of eager", async () => {
    const body = (a: Tensor, b: Tensor, counts: Tensor) =>
      noGrad(() => {
        const gated = a.mul(b).add(a).relu().sub(0.5);
        const weights = softmax(a.matmul(b.transpose(0, 1)).mul(0.1).tanh(), 1);
        return [
          gated,
          gated.square().sum(1),
          weights.matmul(b),
          gated.to("int32").add(1),
          counts.to("float32").softmax(1),
        ];
      });
    const f = compile(body);
    for (let i = 0; i < 4; i++) {
      const [a, b] = [randn([40, 24]), randn([40, 24])].map((x) => x.to("webgpu")) as [Tensor, Tensor];
      const counts = a.mul(3).to("int32");
      const [compiled, eager] = [f(a, b, counts), body(a, b, counts)];
      for (const [k, x] of compiled.entries()) {
        const [values, expected] = [await x.data(), await eager[k]!.data()];
        const worst = Math.max(...Array.from(values, (value, j) => Math.abs(value - expected[j]!)));
        expect(worst, `result ${k}`).toBeLessThan(1e-5);
      }
    }
  });

  it("say at the next read that a probability is none", async () => {
    const f = compile((p: Tensor) => bernoulli(p));
    for (const p of [0.5, 0.25]) await f(tensor([p, 1], { device: "webgpu" })).data();
    await expect(f(tensor([1.5, 1], { device: "webgpu" })).data()).rejects.toThrow("a probability is 1.5");
  });

  it.each(["cpu", "webgpu"])(
    "refuse to move a tensor from %s, and may have tensors of both devices",
    async (device) => {
      const [x, other] = [tensor([1, 2], { device }), device === "cpu" ? "webgpu" : "cpu"];
      const f = compile((x: Tensor) => x.to(other).add(1), { name: "f" });
      expect(() => f(x)).toThrow(
        "to: is called inside of f, which is recorded and not run again; move it before the call",
      );
      const both = compile((x: Tensor, y: Tensor) => [x.to(device).add(1).exp(), y.mul(2)] as const);
      for (let i = 0; i < 3; i++) {
        const [a, b] = both(x, tensor([i], { device: other }));
        expect((await a.data())[0]).toBeCloseTo(Math.exp(2), 4);
        expect(Array.from(await b.data())).toEqual([2 * i]);
      }
      expect(both.explain()).toMatchObject({ eager: null, recordings: 1 });
    },
  );
});
