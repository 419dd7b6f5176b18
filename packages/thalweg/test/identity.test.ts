import { createHash } from "node:crypto";
import {
  Adam,
  AdamW,
  crossEntropy,
  Dropout,
  GELU,
  getThreads,
  Linear,
  LogSoftmax,
  manualSeed,
  nllLoss,
  profile,
  ReLU,
  RMSprop,
  randint,
  randn,
  Sequential,
  SGD,
  Sigmoid,
  setCodeGeneration,
  setThreads,
  setWebAssembly,
  Tanh,
  type Tensor,
} from "thalweg";
import { afterEach, expect, it } from "vitest";

const cores = getThreads();

/** The part of an optimizer that is used here. */
interface Trained {
  zeroGrad(): void;
  step(): void;
}

/** Trains for a while and hashes every bit of the losses and the parameters. */
async function train(steps: number, make: (params: Tensor[]) => Trained): Promise<string> {
  manualSeed(7);
  const hash = createHash("sha256");
  const add = (x: Tensor) => hash.update(new Uint8Array(x.dataSync().buffer));
  const model = new Sequential(
    ...[new Linear(48, 96), new ReLU(), new Dropout(0.1), new Linear(96, 64), new Tanh()],
    ...[new Linear(64, 32), new GELU(), new Linear(32, 32), new Sigmoid(), new Linear(32, 10)],
  );
  const optimizer = make(model.parameters());
  const [x, labels] = [randn([100, 48]), randint([100], 10)];
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad();
    const logits = model.forward(x);
    const loss =
      step % 2 === 0 ? crossEntropy(logits, labels) : nllLoss(new LogSoftmax(1).forward(logits), labels);
    loss.backward();
    optimizer.step();
    add(loss.detach());
    // Threads start and wake up between steps.
    if (step % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  for (const parameter of model.parameters()) add(parameter.detach());
  return hash.digest("hex");
}

afterEach(() => {
  setWebAssembly("auto");
  setCodeGeneration(true);
  setThreads(cores);
});

const optimizers = {
  adam: (params: Tensor[]) => new Adam(params, { lr: 0.01 }),
  momentum: (params: Tensor[]) => new SGD(params, { lr: 0.05, momentum: 0.9, nesterov: true }),
  adamw: (params: Tensor[]) => new AdamW(params, { lr: 0.01 }),
  rmsprop: (params: Tensor[]) => new RMSprop(params, { lr: 0.003, momentum: 0.5, centered: true }),
};

it.each(Object.entries(optimizers))(
  "200 steps with %s give the same bits in JavaScript and in WebAssembly, on one thread and on many",
  async (_name, make) => {
    setWebAssembly("never");
    const inJavaScript = await train(200, make);
    setWebAssembly("auto");
    setThreads(1);
    expect(await train(200, make)).toBe(inJavaScript);
    const threads = setThreads(Math.max(3, cores));
    const { result, kernels } = await profile(() => train(200, make));
    expect(result).toBe(inJavaScript);
    expect(kernels.flatMap((row) => row.tiers)).toContain(threads > 1 ? `wasm x${threads}` : "wasm");
  },
);

it("a few steps give the same bits in WebAssembly wherever possible, and without generated code", async () => {
  const expected = await train(6, optimizers.adam);
  setWebAssembly("always");
  expect(await train(6, optimizers.adam)).toBe(expected);
  setWebAssembly("never");
  setCodeGeneration(false);
  expect(await train(6, optimizers.adam)).toBe(expected);
});
