import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { detectAnomaly } from "@thalweg/autograd";
import { crossEntropy } from "@thalweg/losses";
import { Linear, ReLU, Sequential, Tanh } from "@thalweg/nn";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  CosineAnnealingLR,
  clipGradNorm_,
  defineOptimizer,
  LAMB,
  LBFGS,
  Lion,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  SGD,
} from "@thalweg/optim";
import { Generator, manualSeed, memoryStats, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { classifier, line, type Make, type Optimizer, train } from "../src/training";
import { session } from "./session";

const here = describe.skipIf(session === null);

function expectSameLosses(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((loss, i) => {
    expect(Math.abs(loss - expected[i]!), `step ${i}`).toBeLessThan(1e-3 * Math.max(1, expected[i]!));
  });
}

const SignDescent = defineOptimizer({
  name: "signDescent",
  options: { lr: 0.01, beta: 0.9 },
  state: ["average", "largest"],
  update({ param, grad, average, largest }, { lr, beta, step }) {
    const next = average.mul(beta).add(grad.mul(beta.rsub(1)));
    const most = largest.maximum(grad.abs());
    const corrected = next.div(beta.pow(step).rsub(1));
    return {
      param: param.sub(corrected.div(most.add(1e-8)).tanh().mul(lr)),
      average: next,
      largest: most,
    };
  },
});

const Centered = defineOptimizer({
  name: "centered",
  options: { lr: 0.05 },
  state: [],
  updateTensor: ({ param, grad }, { lr }) => ({ param: param.sub(grad.sub(grad.mean()).mul(lr)) }),
});

/** Passes matrices to one optimizer, everything else to the other. */
function muonAndAdamW(params: Iterable<Tensor>): Optimizer {
  const all = [...params];
  const both = [
    new Muon(
      all.filter(({ ndim }) => ndim === 2),
      { lr: 0.02 },
    ),
    new AdamW(
      all.filter(({ ndim }) => ndim !== 2),
      { lr: 0.02 },
    ),
  ];
  return {
    zeroGrad: () => both.forEach((optimizer) => void optimizer.zeroGrad()),
    step: () => both.forEach((optimizer) => void optimizer.step()),
  };
}

const optimizers: [string, Make][] = [
  ["SGD", (params) => new SGD(params, { lr: 0.02 })],
  ["SGD with momentum", (params) => new SGD(params, { lr: 0.01, momentum: 0.8, nesterov: true })],
  ["Adam", (params) => new Adam(params, { lr: 0.02 })],
  ["Adam with amsgrad", (params) => new Adam(params, { lr: 0.02, amsgrad: true, weightDecay: 0.01 })],
  ["AdamW", (params) => new AdamW(params, { lr: 0.02 })],
  ["RMSprop", (params) => new RMSprop(params, { lr: 0.005, centered: true, momentum: 0.5 })],
  ["Adagrad", (params) => new Adagrad(params, { lr: 0.1 })],
  ["Adadelta", (params) => new Adadelta(params, { eps: 1e-3 })],
  ["Adamax", (params) => new Adamax(params, { lr: 0.02 })],
  ["NAdam", (params) => new NAdam(params, { lr: 0.02, weightDecay: 0.01, decoupledWeightDecay: true })],
  ["RAdam", (params) => new RAdam(params, { lr: 0.02 })],
  ["Lion", (params) => new Lion(params, { lr: 0.002 })],
  ["LAMB", (params) => new LAMB(params, { lr: 0.02, weightDecay: 0.01 })],
  ["Muon and AdamW", muonAndAdamW],
  ["a plugin's rule for elements", (params) => new SignDescent(params)],
  ["a plugin's rule for tensors", (params) => new Centered(params)],
];

here("training on WebGPU", () => {
  it.each([optimizers[0]!, optimizers[2]!])("fits a line like the CPU, with %s", async (_, make) => {
    const losses = await line("webgpu", make);
    expectSameLosses(losses, await line("cpu", make));
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 10);
  });

  it.each(optimizers)("trains a perceptron as on the CPU, with %s", async (_, make) => {
    const losses = await classifier("webgpu", make);
    expectSameLosses(losses, await classifier("cpu", make));
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it("refuses a search that has to read numbers", () => {
    const w = tensor([1], { requiresGrad: true, device: "webgpu" });
    expect(() => new LBFGS([w])).toThrow(
      "LBFGS: the parameter of shape [1] is on webgpu, where numbers cannot be read at once; give it to another",
    );
  });

  it("suggests a remedy where numbers would have to be read synchronously", () => {
    const w = tensor([0, 4], { requiresGrad: true, device: "webgpu" });
    expect(() => detectAnomaly(() => w.sqrt().sum().backward())).toThrow(
      "detectAnomaly: it has to read the gradient of sum at once, which is on webgpu; " +
        "look for the fault with model and data on the CPU",
    );
    w.grad = tensor([3, 4], { device: "webgpu" });
    expect(() => clipGradNorm_([w], 1, { errorIfNonfinite: true })).toThrow(
      "clipGradNorm_: errorIfNonfinite has to read the norm at once, which is on webgpu; " +
        "leave it out, and look at `await norm.itemAsync()` of the norm that is returned",
    );
  });

  it("follows schedules and clips, and compiles nothing after the first steps", async () => {
    const steps = async (device: string) => {
      manualSeed(1);
      const model = new Sequential(new Linear(4, 8), new Tanh(), new Linear(8, 2));
      const x = randn([16, 4], { generator: new Generator(5) }).to(device);
      model.to(device);
      const optimizer = new Adam(model.parameters(), { lr: 0.05 });
      const scheduler = new CosineAnnealingLR(optimizer, { tMax: 20 });
      const norms: number[] = [];
      let kernels = 0;
      for (let step = 0; step < 20; step++) {
        const loss = model.forward(x).square().mean();
        optimizer.zeroGrad();
        loss.backward();
        norms.push(await clipGradNorm_(model.parameters(), 0.1).itemAsync());
        optimizer.step();
        scheduler.step();
        if (step === 2) ({ kernels } = session!.counts);
      }
      if (device === "webgpu") expect(session!.counts.kernels).toBe(kernels);
      return norms;
    };
    expectSameLosses(await steps("webgpu"), await steps("cpu"));
  });

  it("resumes from a saved state", async () => {
    const make = () => {
      manualSeed(2);
      const model = new Linear(3, 2).to("webgpu");
      return { model, optimizer: new Adam(model.namedParameters(), { lr: 0.1 }) };
    };
    const x = randn([5, 3], { generator: new Generator(1) }).to("webgpu");
    const advance = ({ model, optimizer }: ReturnType<typeof make>, count: number) => {
      for (let i = 0; i < count; i++) {
        optimizer.zeroGrad();
        model.forward(x).square().sum().backward();
        optimizer.step();
      }
    };
    const [whole, first, second] = [make(), make(), make()];
    advance(whole, 5);
    advance(first, 3);
    second.model.loadStateDict(first.model.stateDict());
    second.optimizer.loadStateDict(first.optimizer.stateDict());
    advance(second, 2);
    expect(await second.model.weight.data()).toEqual(await whole.model.weight.data());
    // From the CPU, as it would come from a file.
    const weight = await first.model.weight.toAsync("cpu");
    second.model.loadStateDict({ weight, bias: await first.model.bias!.toAsync("cpu") });
    expect(await second.model.weight.data()).toEqual(weight.dataSync());
  });

  it("does not use ever more memory in 2,000 steps", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 3)).to("webgpu");
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const x = randn([8, 4]).to("webgpu");
    const targets = tensor([0, 1, 2, 0, 1, 2, 0, 1]).to("webgpu");
    const used: number[] = [];
    for (let hundred = 0; hundred < 20; hundred++) {
      await train(100, () => crossEntropy(model.forward(x), targets), optimizer);
      // The collector's findings arrive a little later.
      for (let i = 0; i < 3; i++) {
        gc();
        await new Promise((settle) => setTimeout(settle, 10));
      }
      const { liveBytes, pooledBytes } = memoryStats().devices.webgpu!;
      used.push(liveBytes, liveBytes + pooledBytes);
    }
    // After the first steps, memory repeats itself.
    const [live, total] = [used.filter((_, i) => i % 2 === 0), used.filter((_, i) => i % 2 === 1)];
    expect(Math.max(...live.slice(2)) - Math.min(...live.slice(2))).toBeLessThan(64 * 1024);
    expect(Math.max(...total.slice(2))).toBeLessThanOrEqual(total[2]! + 64 * 1024);
  });

  it("launches few kernels a step, and seldom submits", async () => {
    const make: Make = (params) => new SGD(params, { lr: 0.01 });
    await line("webgpu", make);
    const before = { ...session!.counts };
    await line("webgpu", make);
    const { dispatches, submits } = session!.counts;
    // In the demo: 7 per step and one for the reader.
    expect((dispatches - before.dispatches) / 100).toBeLessThan(9);
    expect((submits - before.submits) / 100).toBeLessThanOrEqual(0.2);
  });
});
