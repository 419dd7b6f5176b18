import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { flopsPerIteration, multiplyAdd, reading } from "./kernels";

/** The limits of the machine, in GFLOP/s and GB/s. */
export interface Limits {
  readonly threads: number;
  readonly flopsOfOneThread: number;
  readonly flopsOfAllThreads: number;
  /** For one thread; bytes read and written both count. */
  readonly copyOf4MB: number;
  readonly copyOf256MB: number;
  readonly readOf4MB: number;
  readonly readOf256MB: number;
}

const rounds = 40;

/** The best round in nanoseconds: a limit is the best possible, not the usual. */
async function best(run: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  return least * 1e6;
}

const iterations = 4e6;
const flops = iterations * flopsPerIteration;

function instantiate(module: WebAssembly.Module) {
  return new WebAssembly.Instance(module).exports as { f: (...parameters: number[]) => number };
}

async function flopsOfOneThread(): Promise<number> {
  const { f } = instantiate(multiplyAdd());
  return flops / (await best(() => f(iterations)));
}

async function flopsOfAllThreads(threads: number): Promise<number> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("worker.mjs", import.meta.url), { workerData: multiplyAdd() }),
  );
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const time = await best(() =>
    Promise.all(
      workers.map((worker) => {
        worker.postMessage(iterations);
        return once(worker, "message");
      }),
    ),
  );
  await Promise.all(workers.map((worker) => worker.terminate()));
  return (threads * flops) / time;
}

const traffic = 2 ** 28;

async function copying(bytes: number): Promise<number> {
  const [source, target] = [new Float32Array(bytes / 4).fill(1), new Float32Array(bytes / 4)];
  const times = traffic / bytes;
  const time = await best(() => {
    for (let i = 0; i < times; i++) target.set(source);
  });
  return (2 * traffic) / time;
}

async function readingSpeed(bytes: number): Promise<number> {
  const { f } = instantiate(reading(bytes));
  return traffic / (await best(() => f(0, traffic / bytes, 0)));
}

export async function measureLimits(): Promise<Limits> {
  const threads = availableParallelism();
  const [small, large] = [2 ** 22, 2 ** 28];
  return {
    threads,
    flopsOfOneThread: await flopsOfOneThread(),
    flopsOfAllThreads: await flopsOfAllThreads(threads),
    copyOf4MB: await copying(small),
    copyOf256MB: await copying(large),
    readOf4MB: await readingSpeed(small),
    readOf256MB: await readingSpeed(large),
  };
}
