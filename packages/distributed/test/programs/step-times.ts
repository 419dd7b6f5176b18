import { isMainThread, Worker, workerData } from "node:worker_threads";
import { mseLoss } from "@thalweg/losses";
import { Linear, Sequential, Tanh } from "@thalweg/nn";
import { SGD } from "@thalweg/optim";
import { randn, setThreads } from "@thalweg/tensor";
import { type Communicator, DataParallel, init, inProcess, join, type Seat } from "../../src/index";

/** Times what `DataParallel` adds to a step; see `times/data-parallel.ts`. */

/** The other of two ranks takes no time: it has the same gradients as this one, or none. */
const absent: Communicator = {
  rank: 0,
  size: 2,
  transport: "none",
  allReduce() {},
  startAllReduce: () => ({ wait() {} }),
  broadcast() {},
  allGather(own, all) {
    all.set(own);
    all.set(own, own.length);
  },
  reduceScatter(all, own) {
    own.set(all.subarray(0, own.length));
  },
  barrier() {},
  abort(message) {
    throw new Error(message);
  },
  close() {},
};

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** A training step; it goes through `DataParallel` if there is a world. */
function stepOf(widths: readonly number[], rows: number, world?: Communicator) {
  const layers = widths.slice(1).flatMap((width, i) => [new Linear(widths[i]!, width), new Tanh()]);
  const model = new Sequential(...layers);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const parallel = world === undefined ? model : new DataParallel(model, { world });
  const [x, y] = [randn([rows, widths[0]!]), randn([rows, widths.at(-1)!])];
  const bytes = 4 * model.parameters().reduce((sum, { size }) => sum + size, 0);
  const step = () => {
    mseLoss(parallel.forward(x), y).backward();
    optimizer.step();
    optimizer.zeroGrad();
  };
  return { step, bytes };
}

/** The milliseconds that the processor has worked for this process, which do not depend on how busy it is otherwise. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

type Clock = () => number;

/** The median times of functions in milliseconds, which take turns in as many rounds of some calls each. */
function timesOf(functions: readonly (() => void)[], clock: Clock, rounds: number, calls: number): number[] {
  const all = functions.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of functions.entries()) {
      const start = clock();
      for (let call = 0; call < calls; call++) run();
      if (round >= rounds / 10) all[i]!.push((clock() - start) / calls);
    }
  }
  return all.map(median);
}

const ms = (time: number) => `${time.toPrecision(3)} ms`;
const layersOf = (widths: readonly number[], rows: number) => `${widths.join("-")}, ${rows} rows`;

/** What a world of one adds. */
async function timeAlone(widths: readonly number[], rows: number, calls: number): Promise<void> {
  const world = await init();
  const [bare, parallel] = [stepOf(widths, rows), stepOf(widths, rows, world)];
  const [without, by] = timesOf([bare.step, parallel.step], processorTime, 400, calls) as [number, number];
  const share = (100 * (by - without)) / without;
  console.log(
    `world of one, ${layersOf(widths, rows)}: ${ms(by)}, bare ${ms(without)}, ${share.toFixed(1)} % more`,
  );
}

/** What it takes to fill messages and to average what comes. */
function timePacking(widths: readonly number[], rows: number): void {
  const [bare, parallel] = [stepOf(widths, rows), stepOf(widths, rows, absent)];
  const [without, by] = timesOf([bare.step, parallel.step], processorTime, 200, 1) as [number, number];
  const rate = (by - without) / (bare.bytes / 1e6);
  console.log(
    `one of two ranks, the other takes no time, ${layersOf(widths, rows)}: ${ms(by)}, bare ${ms(without)}, ${ms(rate)} per MB`,
  );
}

/** A step of one of two workers, which share the cores. */
function timeTogether(world: Communicator, widths: readonly number[], rows: number): void {
  const { step, bytes } = stepOf(widths, rows, world);
  const buffer = new Float32Array(bytes / 4);
  const wall = () => performance.now();
  const [by, sending] = timesOf([step, () => world.allReduce(buffer)], wall, 200, 1) as [number, number];
  if (world.rank !== 0) return;
  console.log(
    `two workers, ${layersOf(widths, rows)}: ${ms(by)}, allReduce of its bytes alone ${ms(sending)}, ${ms(sending / (bytes / 1e6))} per MB`,
  );
}

const large = [784, 512, 512, 10];
setThreads(1);
if (isMainThread) {
  await timeAlone([1, 1], 4, 200);
  await timeAlone([784, 128, 10], 64, 3);
  for (const widths of [[784, 128, 10], large, [1024, 1024, 1024, 1024]]) timePacking(widths, 1);
  for (const seat of inProcess(2)) new Worker(new URL(import.meta.url), { workerData: seat });
} else timeTogether(join(workerData as Seat), large, 64);
