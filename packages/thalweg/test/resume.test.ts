import { fc, test } from "@fast-check/vitest";
import {
  createOptimizer,
  crossEntropy,
  DataLoader,
  Dropout,
  defaultGenerator,
  Generator,
  Linear,
  loadCheckpoint,
  manualSeed,
  type OptimizerRegistry,
  optimizerNames,
  randint,
  randn,
  Sequential,
  StepLR,
  saveCheckpoint,
  Tanh,
  TensorDataset,
} from "thalweg";
import { describe, expect } from "vitest";

const [examples, batchSize] = [13, 4];
const stepsOfEpoch = Math.ceil(examples / batchSize);

/** A program that trains: its parts, and its steps, each of which returns the loss. */
function program(name: string, seed: number) {
  const data = new Generator(1);
  const x = randn([examples, 3], { generator: data });
  const y = randint([examples], 2, { generator: data });
  manualSeed(seed);
  // Matrices only, since some optimizers accept nothing else.
  const [first, last] = [new Linear(3, 5, { bias: false }), new Linear(5, 2, { bias: false })];
  const model = new Sequential(first, new Tanh(), new Dropout(0.2), last);
  const optimizer = createOptimizer(name as keyof OptimizerRegistry, model.parameters());
  const scheduler = new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
  const loader = new DataLoader(new TensorDataset(x, y), {
    batchSize,
    shuffle: true,
    generator: new Generator(seed),
  });
  function* train() {
    for (;;) {
      for (const [input, target] of loader) {
        const loss = optimizer.step(() => {
          optimizer.zeroGrad();
          const value = crossEntropy(model.forward(input), target);
          value.backward();
          return value;
        });
        yield loss.item();
      }
      scheduler.step();
    }
  }
  const parts = { model, optimizer, scheduler, loader, generator: defaultGenerator };
  return { parts, steps: train() };
}

function take(count: number, { steps, parts }: ReturnType<typeof program>) {
  const losses = Array.from({ length: count }, () => steps.next().value);
  return { losses, parameters: parts.model.parameters().map((parameter) => [...parameter.dataSync()]) };
}

describe.each(optimizerNames())("a run with %s", (name) => {
  test.prop([fc.nat({ max: 4 * stepsOfEpoch }), fc.integer({ min: 1, max: 2 * stepsOfEpoch }), fc.nat()], {
    numRuns: 12,
  })("that was stopped anywhere goes on bit for bit from its checkpoint", async (stop, more, seed) => {
    const whole = take(stop + more, program(name, seed));

    const stopped = program(name, seed);
    const { losses } = take(stop, stopped);
    const checkpoint = await saveCheckpoint({ ...stopped.parts, losses });

    const resumed = program(name, seed + 1);
    const rest = await loadCheckpoint(checkpoint, resumed.parts);
    const end = take(more, resumed);
    expect([...(rest.losses as number[]), ...end.losses]).toEqual(whole.losses);
    expect(end.parameters).toEqual(whole.parameters);
  });
});
