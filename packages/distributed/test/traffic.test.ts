import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../src/index";
import { type Bundle, bundle } from "./bundle";
import type { Traffic, TrafficTask } from "./programs/traffic";

const ranks = 3;
let programs: Bundle;
let workers: Worker[];

beforeAll(async () => {
  programs = await bundle("traffic");
  const seats = inProcess(ranks, { timeout: 60 });
  workers = seats.map((seat) => new Worker(programs.path("traffic"), { workerData: seat }));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
  await programs.remove();
});

/** What the ranks send, which is the same on all of them. */
async function traffic(task: TrafficTask): Promise<Traffic> {
  const [first, ...others] = await Promise.all(
    workers.map(async (worker) => {
      worker.postMessage(task);
      return (await once(worker, "message"))[0] as Traffic;
    }),
  );
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

/** The elements of weight and bias of each layer. */
const layers = [20 * 30 + 30, 30 * 40 + 40, 40 * 5 + 5];
const elements = layers.reduce((sum, count) => sum + count);

/** A message of a bucket: gradients, whether each parameter has one, rows, and whether those of each rank are finite. */
const bucket = (gradients: number, parameters: number) => ({
  collective: "startAllReduce",
  bytes: 4 * (gradients + parameters + 1 + ranks),
});
/** Once the first step is over: the order in which gradients come. */
const order = (parameters: number) => ({ collective: "broadcast", bytes: 4 * parameters });

describe("a step of DataParallel", () => {
  test("sends each gradient once, in one message", async () => {
    const { steps } = await traffic({ steps: 3 });
    const message = bucket(elements, 6);
    expect(steps).toEqual([[message, order(6)], [message], [message]]);
    expect(message.bytes).toBe(4 * (elements + 10));
  });

  test("sends a message for each bucket", async () => {
    const { steps } = await traffic({ steps: 3, bucketBytes: 4 * layers[1]! });
    const [first, second, third] = layers.map((count) => bucket(count, 2));
    expect(steps[1]).toEqual([third, second, first]);
    expect(steps[2]).toEqual(steps[1]);
    const sum = steps[2]!.reduce((bytes, message) => bytes + message.bytes, 0);
    expect(sum).toBe(4 * (elements + 6 + 3 * (1 + ranks)));
  });

  test("sends buffers in one message before", async () => {
    const { steps } = await traffic({ steps: 2, normalizes: true });
    const buffers = { collective: "broadcast", bytes: 4 * (2 * 30 + 1) };
    expect(steps[1]).toEqual([buffers, bucket(elements + 60, 8)]);
  });

  test("sends sums of batches, two forward and two backward, in place of buffers", async () => {
    const { steps } = await traffic({ steps: 2, normalizes: true, syncBatchNorm: true });
    const sums = [31, 30, 30, 31].map((count) => ({ collective: "startAllReduce", bytes: 4 * count }));
    expect(steps[1]).toEqual([...sums, bucket(elements + 60, 8)]);
  });
});

test("DataParallel compares models and sends them at the start, in three messages", async () => {
  const { start } = await traffic({ steps: 0 });
  expect(start.map(({ collective }) => collective)).toEqual(["allGather", "allGather", "broadcast"]);
  expect(start[2]!.bytes).toBe(4 * elements);
});
