import {
  Adam,
  crossEntropy,
  DataLoader,
  Dropout,
  defaultGenerator,
  Linear,
  loadCheckpoint,
  manualSeed,
  ReLU,
  randint,
  randn,
  randomSplit,
  Sequential,
  saveCheckpoint,
  TensorDataset,
} from "thalweg";
import { digest } from "./digest";

/**
 * Trains in an order that depends on a seed, and resumes from a checkpoint in the middle. Returns the order of the
 * examples, and the digests of the final parameters and of those of an uninterrupted run.
 */
export async function resume(steps: number, stop: number) {
  const whole = make();
  take(steps, whole);
  const stopped = make();
  const order = take(stop, stopped);
  const bytes = await saveCheckpoint(stopped.parts);
  const resumed = make();
  manualSeed(0);
  await loadCheckpoint(bytes, resumed.parts);
  order.push(...take(steps - stop, resumed));
  return { order, parameters: await digest(resumed.parameters()), whole: await digest(whole.parameters()) };
}

function make() {
  manualSeed(5);
  const examples = 40;
  const all = new TensorDataset(randn([examples, 8]), randint([examples], 3));
  const [dataset] = randomSplit(all, [0.8, 0.2]);
  const model = new Sequential(new Linear(8, 16), new ReLU(), new Dropout(0.3), new Linear(16, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const loader = new DataLoader(dataset!, { batchSize: 6, shuffle: true });
  function* train() {
    for (;;) {
      for (const [input, target] of loader) {
        optimizer.zeroGrad();
        crossEntropy(model.forward(input!), target!).backward();
        optimizer.step();
        yield input!.select(1, 0).dataSync();
      }
    }
  }
  const parts = { model, optimizer, loader, generator: defaultGenerator };
  return { parts, steps: train(), parameters: () => model.parameters() };
}

/** The first element of each example of so many batches. */
function take(count: number, { steps }: ReturnType<typeof make>): number[] {
  return Array.from({ length: count }, () => [...steps.next().value!]).flat();
}
