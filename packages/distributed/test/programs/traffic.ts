import { parentPort, workerData } from "node:worker_threads";
import { mseLoss } from "@thalweg/losses";
import { BatchNorm1d, Linear, Sequential } from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { ones } from "@thalweg/tensor";
import { DataParallel, type DataParallelOptions, join, type Seat } from "../../src/index";
import { counting, type Message } from "./counting";

/** Notes what a rank sends to train. */

/** The options, and whether the model has a layer with buffers. */
export interface TrafficTask extends Omit<DataParallelOptions, "world"> {
  readonly normalizes?: boolean;
  readonly steps: number;
}

/** What was sent before the first step, and in each step. */
export interface Traffic {
  readonly start: readonly Message[];
  readonly steps: readonly (readonly Message[])[];
}

const { world, sent } = counting(join(workerData as Seat));

function train({ normalizes, steps, ...options }: TrafficTask): Traffic {
  const model = new Sequential(
    new Linear(20, 30),
    ...(normalizes ? [new BatchNorm1d(30)] : []),
    new Linear(30, 40),
    new Linear(40, 5),
  );
  const parallel = new DataParallel(model, { world, ...options });
  const start = sent.splice(0);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  return {
    start,
    steps: Array.from({ length: steps }, () => {
      mseLoss(parallel.forward(ones([4, 20])), ones([4, 5])).backward();
      optimizer.step();
      optimizer.zeroGrad();
      return sent.splice(0);
    }),
  };
}

parentPort!.on("message", (task: TrafficTask) => parentPort!.postMessage(train(task)));
