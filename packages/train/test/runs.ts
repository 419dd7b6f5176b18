import { DataLoader, TensorDataset } from "@thalweg/data";
import { crossEntropy } from "@thalweg/losses";
import { Accuracy, F1 } from "@thalweg/metrics";
import { BatchNorm1d, Dropout, Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, CosineAnnealingLR } from "@thalweg/optim";
import { Generator, manualSeed, randn } from "@thalweg/tensor";
import { type Batches, Trainer, type TrainerOptions } from "../src/index";

const generator = new Generator(7);
const points = randn([70, 3], { generator });
const dataset = new TensorDataset(points, points.sum(1).gt(0).to("int32"));

/** Everything that training with random numbers, statistics and a schedule needs, from one seed. */
export function parts(seed = 0, batchSize = 16) {
  manualSeed(seed);
  const model = new Sequential(
    new Linear(3, 8),
    new BatchNorm1d(8),
    new ReLU(),
    new Dropout(0.3),
    new Linear(8, 2),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const scheduler = new CosineAnnealingLR(optimizer, { tMax: 40 });
  const data = new DataLoader(dataset, { batchSize, shuffle: true });
  const validation = new DataLoader(dataset, { batchSize: 32 });
  return { model, optimizer, scheduler, data, validation };
}

export type Parts = ReturnType<typeof parts>;
type BatchOf<D> = D extends Batches<infer B> ? B : never;
export type Batch = BatchOf<Parts["data"]>;

const metrics = () => ({ accuracy: new Accuracy(), f1: new F1({ average: "macro" }) });
type Options = TrainerOptions<Batch, ReturnType<typeof metrics>>;

/** A run with all of it, and other options. */
export function trainerOf(from: Parts, options: Partial<Options> = {}) {
  return new Trainer({
    ...from,
    loss: crossEntropy,
    schedule: "step",
    metrics: metrics(),
    monitor: "accuracy",
    mode: "max",
    epochs: 4,
    ...options,
  });
}

/** All numbers of a model. */
export const weights = ({ model }: Pick<Parts, "model">): number[][] =>
  Object.values(model.stateDict()).map((x) => [...x.dataSync()]);
