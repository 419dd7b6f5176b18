import { parentPort, workerData } from "node:worker_threads";
import { mseLoss } from "@thalweg/losses";
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  Module,
  Parameter,
  ReLU,
  Sequential,
  Tanh,
} from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { type Tensor, tensor, zeros } from "@thalweg/tensor";
import { DataParallel, join, type Seat } from "../../src/index";
import type { Case, Fixture, Stored } from "../pytorch";

/** Trains a case of PyTorch's on a rank, and answers with the state of its model. */

/** What a rank is asked to do. */
export interface Task extends Omit<Fixture, "cases"> {
  readonly case: Case;
  readonly dtype: "float32" | "float64";
}

/** PyTorch's layer of that name, which reshapes rows. */
class Unflatten extends Module {
  constructor(
    _dim: number,
    private readonly shape: readonly number[],
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return x.reshape([x.shape[0]!, ...this.shape]);
  }
}

const kinds = { BatchNorm1d, BatchNorm2d, Conv2d, Flatten, Linear, ReLU, Tanh, Unflatten };

/** Layers, and a parameter that only some ranks use. */
class Model extends Module {
  readonly layers: Sequential;
  readonly extra: Parameter | null;
  private readonly usesExtra: boolean;

  constructor({ layers, extra }: Case, rank: number) {
    super();
    this.usesExtra = extra.includes(rank);
    const made = layers.map(([name, ...args]) => {
      const kind = kinds[name as keyof typeof kinds] as unknown as new (...args: unknown[]) => Layer;
      return new kind(...args);
    });
    this.layers = new Sequential(...made);
    this.extra = extra.length === 0 ? null : new Parameter(zeros([2]));
  }

  override forward(x: Tensor): Tensor {
    const y = this.layers.forward(x);
    return this.usesExtra ? y.add(this.extra!) : y;
  }
}

const world = join(workerData as Seat);
const { rank, size } = world;

function train({ case: task, dtype, steps, rows, x, y }: Task): Record<string, readonly number[]> {
  const model = new Model(task, rank).to(dtype);
  const start = Object.entries(task.start).map(([key, { shape, data }]: [string, Stored]) => {
    return [key, tensor([...data], { shape: [...shape], dtype })] as const;
  });
  model.loadStateDict(Object.fromEntries(start));
  const parallel = new DataParallel(model, { world, syncBatchNorm: task.alone, bucketBytes: 500 });
  const optimizer =
    task.optimizer === "SGD"
      ? new SGD(model.parameters(), task.options)
      : new Adam(model.parameters(), task.options);
  /** The rows of this rank in a step. */
  const part = (all: readonly number[], step: number) => {
    const count = all.length / (steps * size);
    const at = (step * size + rank) * count;
    return tensor(all.slice(at, at + count), { shape: [rows, count / rows], dtype });
  };
  for (let step = 0; step < steps; step++) {
    const backward = () => mseLoss(parallel.forward(part(x, step)), part(y, step)).backward();
    if (task.accumulates && step % 2 === 0) {
      parallel.noSync(backward);
      continue;
    }
    backward();
    optimizer.step();
    optimizer.zeroGrad();
  }
  const state = Object.entries(model.stateDict());
  return Object.fromEntries(state.map(([key, value]) => [key, Array.from(value.dataSync())]));
}

parentPort!.on("message", (task: Task) => parentPort!.postMessage(train(task)));
