import { DataLoader, TensorDataset } from "@thalweg/data";
import { crossEntropy } from "@thalweg/losses";
import { Accuracy } from "@thalweg/metrics";
import { Linear, ReLU, Sequential } from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { Generator, manualSeed, randn } from "@thalweg/tensor";
import { type EpochResult, fit } from "@thalweg/train";
import { allGatherBytes, type Communicator, DataParallel, shard } from "../../src/index";

/** How ranks train together. */
export interface Fitting {
  /** Rows of a step, on all ranks together. */
  readonly rows: number;
  readonly accumulate: number;
  /** The step after which the last rank ends training; never if null. */
  readonly stop: number | null;
}

/** What a rank has in the end. */
export interface Fitted {
  readonly epochs: readonly EpochResult[];
  readonly reason: string;
  readonly weights: readonly Float32Array[];
}

/** Trains by `fit`, and measures on the parts of all ranks. */
export async function fitted(world: Communicator, { rows, accumulate, stop }: Fitting): Promise<Fitted> {
  const generator = new Generator(2);
  const x = randn([48, 3], { generator });
  const dataset = new TensorDataset(x, x.sum(1).gt(0).to("int32"));
  manualSeed(1);
  const model = new Sequential(new Linear(3, 6), new ReLU(), new Linear(6, 2));
  const parallel = new DataParallel(model, { world });
  const history = await fit({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.5 }),
    step([input, target]) {
      // Only training averages over ranks.
      const output = model.training ? parallel.forward(input) : model.forward(input);
      return { loss: crossEntropy(output, target), output, target };
    },
    data: new DataLoader(dataset, {
      sampler: shard(dataset, { world }),
      batchSize: rows / accumulate / world.size,
    }),
    validation: new DataLoader(dataset, {
      sampler: shard(dataset, { world, remainder: "exact", batchSize: 48 }),
      batchSize: 48,
    }),
    metrics: { accuracy: new Accuracy() },
    epochs: 3,
    accumulate,
    noSync: (body) => parallel.noSync(body),
    gather: (own) => allGatherBytes(own, world),
    callbacks: [
      {
        onStep(moment) {
          if (moment.step === stop && world.rank === world.size - 1) moment.stop();
        },
      },
    ],
  });
  const weights = model.parameters().map((parameter) => new Float32Array(parameter.dataSync()));
  return { epochs: history.epochs, reason: history.reason, weights };
}
