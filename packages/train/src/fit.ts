import { renamed } from "@thalweg/tensor/internal";
import type { History } from "./history";
import type { Metrics } from "./measures";
import { Trainer, type TrainerOptions } from "./trainer";

/**
 * Trains a model: batches, gradients, steps, rates, validation, metrics, the best epoch. It is the loop that one would write, over what
 * the packages export; {@link Trainer} is the same as an object that can be saved and resumed.
 *
 * @returns what was measured in each epoch
 * @throws TrainError when there are no batches, or when options contradict each other.
 * @example
 * manualSeed(0);
 * const x = randn([64, 2]);
 * const dataset = new TensorDataset(x, x.sum(1).gt(0).to("int32"));
 * const model = new Linear(2, 2);
 * const history = await fit({
 *   model,
 *   optimizer: new Adam(model.parameters(), { lr: 0.1 }),
 *   loss: crossEntropy,
 *   data: new DataLoader(dataset, { batchSize: 16, shuffle: true }),
 *   metrics: { accuracy: new Accuracy() },
 *   epochs: 20,
 * });
 * history.epochs[19]!.train.accuracy > 0.9; // → true
 */
export async function fit<Batch, const M extends Metrics = Readonly<Record<never, never>>>(
  options: TrainerOptions<Batch, M>,
): Promise<History<M>> {
  try {
    return await new Trainer(options).run();
  } catch (error) {
    throw error instanceof Error && /^Trainer\b/.test(error.message) ? renamed(error, "fit") : error;
  }
}
