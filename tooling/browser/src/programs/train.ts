import {
  Adam,
  crossEntropy,
  getThreads,
  Linear,
  manualSeed,
  ones,
  profile,
  ReLU,
  randint,
  randn,
  Sequential,
  setThreads,
} from "thalweg";
import { digest } from "./digest";
import { pause } from "./pause";

const batch = 128;

/**
 * Trains a classifier. Returns its losses, the digest of its parameters, and the tiers that ran its kernels.
 *
 * @param tier the one that has to be available for the second half of the steps
 */
export async function train(steps: number, tier: string) {
  setThreads(2);
  manualSeed(1);
  const model = new Sequential(new Linear(64, 96), new ReLU(), new Linear(96, 10));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const input = randn([batch, 64]);
  const target = randint([batch], 10);

  const losses: number[] = [];
  const tiers = new Set<string>();
  for (let step = 0; step < steps; step++) {
    if (step === Math.floor(steps / 2)) await until(tier);
    const { result, kernels } = profile(() => {
      const loss = crossEntropy(model.forward(input), target);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    losses.push(result);
    for (const kernel of kernels) for (const name of kernel.tiers) tiers.add(name);
    // Tiers that load meanwhile take part as soon as they can.
    await pause();
  }

  const parameters = await digest(model.parameters());
  return { losses, parameters, tiers: [...tiers].sort(), threads: getThreads() };
}

/** Waits until a tier computes matrix products. */
async function until(tier: string): Promise<void> {
  const matrix = ones([128, 128]);
  while (!profile(() => matrix.matmul(matrix)).kernels[0]!.tiers.includes(tier)) await pause();
}
