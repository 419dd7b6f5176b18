// #region program
import { Worker, workerData } from "node:worker_threads";
import {
  DataParallel,
  inProcess,
  join,
  type Seat,
} from "@thalweg/distributed";
import {
  Linear,
  manualSeed,
  mseLoss,
  randn,
  SGD,
  setThreads,
} from "thalweg";

if (workerData === null) {
  for (const seat of inProcess(2))
    new Worker(new URL(import.meta.url), { workerData: seat });
} else train(workerData as Seat);

function train(seat: Seat) {
  const world = join(seat);
  setThreads(1);
  manualSeed(1 + world.rank);
  const model = new Linear(3, 1);
  const parallel = new DataParallel(model, { world });
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  for (let step = 0; step < 200; step++) {
    const x = randn([32, 3]);
    mseLoss(parallel.forward(x), x.sum(1, { keepDim: true })).backward();
    optimizer.step();
    optimizer.zeroGrad();
  }
  parallel.checkIdentical();
  const weight = [...model.weight.dataSync()].map((w) => w.toFixed(3));
  if (world.rank === 0) console.log(`${world.size} workers: ${weight}`);
}
// #endregion program
