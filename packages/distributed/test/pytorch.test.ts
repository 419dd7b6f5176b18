import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DataLoader } from "@thalweg/data";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Communicator, inProcess, shard } from "../src/index";
import { type Bundle, bundle } from "./bundle";
import type { Task } from "./programs/pytorch";
import { type Case, type Fixture, read, type Samplers, type Stored } from "./pytorch";

const { cases, ...common } = read<Fixture>("distributed");
let programs: Bundle;
let workers: Worker[];

beforeAll(async () => {
  programs = await bundle("pytorch");
  const seats = inProcess(common.ranks, { timeout: 60 });
  workers = seats.map((seat) => new Worker(programs.path("pytorch"), { workerData: seat }));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
  await programs.remove();
});

/** The states of the ranks' models after training together. */
function train(task: Case, dtype: Task["dtype"]): Promise<Record<string, number[]>[]> {
  return Promise.all(
    workers.map(async (worker) => {
      worker.postMessage({ ...common, case: task, dtype } satisfies Task);
      const [state] = await once(worker, "message");
      return state as Record<string, number[]>;
    }),
  );
}

function expectClose(
  state: Readonly<Record<string, readonly number[]>>,
  theirs: Readonly<Record<string, Stored>>,
  tolerance: number,
): void {
  for (const [key, { data }] of Object.entries(theirs)) {
    expect(state[key], key).toHaveLength(data.length);
    data.forEach((value, i) => {
      const difference = Math.abs(state[key]![i]! - value);
      expect(difference, `${key}, ${i}: ${state[key]![i]}, PyTorch has ${value}`).toBeLessThan(tolerance);
    });
  }
}

describe.each([
  ["float32", 1e-5],
  ["float64", 1e-12],
] as const)("three ranks train as PyTorch's, in %s", (dtype, tolerance) => {
  test.each(cases)("$name, $optimizer", async (task) => {
    const states = await train(task, dtype);
    states.forEach((state, rank) => {
      const buffers = task.buffers[task.alone ? 0 : rank]!;
      expect(Object.keys(state).sort()).toEqual(Object.keys({ ...task.parameters, ...buffers }).sort());
      expectClose(state, { ...task.parameters, ...buffers }, tolerance);
    });
  });
});

test.each(read<Samplers>("samplers").cases)(
  "$ranks ranks share $length examples as PyTorch's do, dropLast: $dropLast",
  ({ length, ranks, dropLast, indices }) => {
    const examples = Array.from({ length }, (_, i) => i);
    const ours = Array.from({ length: ranks }, (_, rank) => {
      const world = { rank, size: ranks, allReduce() {} } as unknown as Communicator;
      const sampler = shard(examples, { world, remainder: dropLast ? "drop" : "pad" });
      return [...new DataLoader(examples, { sampler })].map((x) => x.item());
    });
    expect(ours).toEqual(indices);
  },
);
