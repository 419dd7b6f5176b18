import { Worker } from "node:worker_threads";
import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { init, inProcess } from "../src/index";
import { type Bundle, bundle } from "./bundle";
import { type Outcome, type Scenario, train } from "./programs/scenario";

let programs: Bundle;
const worlds = new Map<number, Worker[]>();

beforeAll(async () => {
  programs = await bundle("replica");
});

afterAll(async () => {
  for (const workers of worlds.values()) for (const worker of workers) await worker.terminate();
  await programs?.remove();
});

function worldOf(size: number): Worker[] {
  let workers = worlds.get(size);
  if (workers === undefined) {
    workers = inProcess(size, { timeout: 60 }).map(
      (seat) => new Worker(programs.path("replica"), { workerData: seat }),
    );
    worlds.set(size, workers);
  }
  return workers;
}

/** Has the workers of a world train together. */
async function together(scenario: Scenario): Promise<Outcome[]> {
  const answers = worldOf(scenario.rows[0]!.length).map(
    (worker) =>
      new Promise<Outcome>((resolve, reject) => {
        worker.once("message", ({ outcome, error }: { outcome: Outcome; error?: string }) =>
          error === undefined ? resolve(outcome) : reject(new Error(error)),
        );
        worker.postMessage(scenario);
      }),
  );
  return Promise.all(answers);
}

/** Trains alone with the rows of all ranks. */
const alone = async (scenario: Scenario) => train(await init(), scenario);

function expectClose(a: readonly Float32Array[], b: readonly Float32Array[], tolerance: number): void {
  expect(a).toHaveLength(b.length);
  a.forEach((values, k) => {
    values.forEach((value, i) => {
      expect(Math.abs(value - b[k]![i]!), `${k}, ${i}: ${value} and ${b[k]![i]}`).toBeLessThan(tolerance);
    });
  });
}

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    ranks: fc.integer({ min: 2, max: 3 }),
    steps: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ ranks, steps }) =>
    fc.record({
      seed: fc.nat({ max: 1000 }),
      widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 }),
      rows: fc
        .array(fc.array(fc.nat({ max: 5 }), { minLength: ranks, maxLength: ranks }), {
          minLength: 2 * steps,
          maxLength: 2 * steps,
        })
        .map((all) => all.map((rows) => (rows.some((count) => count > 0) ? rows : rows.with(0, 1)))),
      optimizer: fc.constantFrom("SGD" as const, "Adam" as const),
      bucketBytes: fc.constantFrom(1, 100, 2 ** 20),
      compiled: fc.boolean(),
      clipped: fc.boolean(),
    }),
  );

describe("ranks on their parts", () => {
  test.prop([scenario], { numRuns: 40 })("are one process on the union", async (scenario) => {
    const expected = await alone(scenario);
    const outcomes = await together(scenario);
    for (const { parameters } of outcomes) expectClose(parameters, expected.parameters, 1e-4);
  });
});
