import { Worker } from "node:worker_threads";
import { fc, test } from "@fast-check/vitest";
import { optimizerNames } from "@thalweg/optim";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { init, inProcess } from "../src/index";
import { type Bundle, bundle } from "./bundle";
import { type LauncherName, launch, launchers, skips } from "./launchers";
import { type Outcome, type Scenario, train } from "./programs/scenario";

const names = Object.keys(launchers) as LauncherName[];

let programs: Bundle;
const worlds = new Map<number, Worker[]>();

beforeAll(async () => {
  programs = await bundle("replica", "trained");
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
const together = (scenario: Scenario) => Promise.all(asked(scenario));

function asked(scenario: Scenario): Promise<Outcome>[] {
  return worldOf(scenario.rows[0]!.length).map(
    (worker) =>
      new Promise<Outcome>((resolve, reject) => {
        worker.once("message", ({ outcome, error }: { outcome: Outcome; error?: string }) =>
          error === undefined ? resolve(outcome) : reject(new Error(error)),
        );
        worker.postMessage(scenario);
      }),
  );
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
      isTwofold: fc.boolean(),
    }),
  );

const steps = (count: number, ...rows: number[]) => Array.from({ length: count }, () => rows);
const small = { seed: 3, widths: [4, 8, 2], optimizer: "SGD" } as const;

describe("ranks on their parts", () => {
  test.prop([scenario], { numRuns: 40 })("are one process on the union", async (scenario) => {
    const expected = await alone(scenario);
    const outcomes = await together(scenario);
    for (const { parameters } of outcomes) expectClose(parameters, expected.parameters, 1e-4);
  });

  test.each([
    ["SGD", false],
    ["SGD", true],
    ["Adam", false],
    ["Adam", true],
  ] as const)("are one process after 50 steps of %s, compiled: %s", async (optimizer, compiled) => {
    const scenario = { ...small, optimizer, compiled, rows: steps(50, 3, 5, 2), bucketBytes: 100 };
    const expected = await alone(scenario);
    for (const outcome of await together(scenario)) {
      expectClose(outcome.parameters, expected.parameters, 1e-6);
      expect(outcome.recordings).toBeLessThan(compiled ? 4 : 1);
    }
  });

  test.each(optimizerNames())("are one process with the optimizer %s", async (optimizer) => {
    const scenario = { ...small, optimizer, rows: steps(6, 3, 1, 4) };
    const expected = await alone(scenario);
    const outcomes = await together(scenario);
    for (const { parameters } of outcomes) {
      // Each step of L-BFGS goes on from several others, and from their rounding.
      expectClose(parameters, expected.parameters, optimizer === "lbfgs" ? 1e-2 : 1e-4);
      expect(parameters).toEqual(outcomes[0]!.parameters);
    }
  });

  test.skipIf(skips()).each(names)("are one process by %s", async (name) => {
    const scenario = { ...small, rows: steps(50, 3, 0, 5, 2), bucketBytes: 100 };
    const expected = await alone(scenario);
    const command = [process.execPath, programs.path("trained"), JSON.stringify(scenario)];
    const { code, stdout, stderr } = await launch(name, 4, command);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const parameters = (JSON.parse(stdout) as number[][]).map((values) => Float32Array.from(values));
    expectClose(parameters, expected.parameters, 1e-6);
  });

  test("add up what noSync has left", async () => {
    const scenario = { ...small, rows: steps(8, 3, 3), accumulates: true };
    for (const compiled of [false, true]) {
      const [one, other] = await together({ ...scenario, compiled });
      expectClose(one!.parameters, (await alone(scenario)).parameters, 1e-5);
      expect(other!.parameters).toEqual(one!.parameters);
    }
  });

  test("share the gradient of a parameter that one of them uses", async () => {
    for (const compiled of [false, true]) {
      const [one, other] = await together({ ...small, rows: steps(5, 2, 2), extra: [1], compiled });
      expect(one!.parameters).toEqual(other!.parameters);
      // The first of them; nobody uses the second.
      const [extra, unused] = one!.parameters;
      expect(extra![0]).not.toBe(0);
      expect([...unused!]).toEqual([0, 0]);
    }
  });

  test("have the buffers of rank 0, and random numbers of their own", async () => {
    const scenario = { ...small, rows: steps(3, 4, 4), normalizes: "alone" } as const;
    const [one, other] = await together(scenario);
    expect(one!.random).not.toBe(other!.random);
    expect(one!.random).toBe((await alone(scenario)).random);
  });

  test.each([false, true])("normalise by the statistics of all, compiled: %s", async (compiled) => {
    const rows = steps(20, 3, 0, 5);
    const scenario = { ...small, widths: [4, 8, 8, 2], rows, normalizes: "together", compiled } as const;
    const expected = await alone(scenario);
    for (const { parameters, buffers } of await together(scenario)) {
      expectClose(parameters, expected.parameters, 1e-5);
      expectClose(buffers, expected.buffers, 1e-5);
    }
  });

  test("have the same bits when they train again", async () => {
    const scenario = { ...small, rows: steps(10, 4, 1, 2), optimizer: "Adam" } as const;
    expect(await together(scenario)).toEqual(await together(scenario));
  });
});

describe("the error", () => {
  test.each([
    [
      "NaN",
      "backward: the gradients of rank 1 have elements that are not finite; look at its batch and its loss, or pass detectNaN: false",
    ],
    [
      "more layers",
      "DataParallel: the models differ, rank 0 has nothing where rank 1 has layers.4.weight [3, 2] float32; make the same model on all ranks",
    ],
    [
      "drifts",
      "checkIdentical: unused of rank 1 differs from that of rank 0; look for what a rank does alone, with its parameters or its optimizer",
    ],
    [
      "drifts early",
      "checkIdentical: extra of rank 1 differs from that of rank 0; look for what a rank does alone, with its parameters or its optimizer",
    ],
  ] as const)("of %s names the rank, on all ranks", async (does, text) => {
    const fault = { rank: 1, does };
    const answers = await Promise.allSettled(asked({ ...small, rows: steps(2, 2, 2), fault, checkEvery: 1 }));
    for (const answer of answers) {
      expect(answer.status).toBe("rejected");
      expect(String((answer as PromiseRejectedResult).reason)).toContain(text);
    }
  });
});
