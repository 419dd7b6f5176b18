import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { type Trained, train } from "../test/training";

/** Trains a compiled step in a worker. */
async function inWorker(width: number): Promise<Trained> {
  const worker = new Worker(new URL("../test/training-worker.mjs", import.meta.url), {
    workerData: width,
    execArgv: ["--conditions=@thalweg/source"],
  });
  try {
    const [trained] = (await once(worker, "message")) as [Trained];
    return trained;
  } finally {
    await worker.terminate();
  }
}

it.each([8, 96])(
  "a compiled step of width %d has the bits of eager, also in two workers at once",
  async (width) => {
    const eager = await train(width, false);
    const trained = await train(width, true);
    expect({ ...trained, explanation: null }).toEqual(eager);
    expect(await Promise.all([inWorker(width), inWorker(width)])).toEqual([trained, trained]);
    const { explanation } = trained;
    expect(explanation).toMatchObject({ eager: null, recordings: 2 });
    const products = explanation!.programs[0]!.kernels.filter(({ kind }) => kind === "matmul");
    expect(products.some(({ part }) => part !== null)).toBe(width === 8);
  },
);
