import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { init, inProcess } from "../src/index";
import { type Bundle, bundle } from "./bundle";
import { type Fitted, type Fitting, fitted } from "./programs/fitting";

let programs: Bundle;

beforeAll(async () => {
  programs = await bundle("fitted");
});

afterAll(() => programs?.remove());

/** What two workers have that train together. */
const together = (fitting: Fitting) =>
  Promise.all(
    inProcess(2, { timeout: 60 }).map(
      (seat) =>
        new Promise<Fitted>((resolve, reject) => {
          const worker = new Worker(programs.path("fitted"), { workerData: { seat, ...fitting } });
          worker.once("message", resolve);
          worker.once("error", reject);
        }),
    ),
  );

describe("two ranks that train by fit", () => {
  it.each([1, 2])("do what one does, with %i batches for each step", async (accumulate) => {
    const fitting = { rows: 16, accumulate, stop: null };
    const [[first, second], alone] = [await together(fitting), await fitted(await init(), fitting)];
    expect(second).toEqual(first);
    first!.weights.forEach((values, k) => {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(alone.weights[k]![i]!, 5);
      });
    });
    expect(first!.epochs.map(({ step }) => step)).toEqual([3, 6, 9]);
    for (const [i, { train, validation }] of first!.epochs.entries()) {
      expect(train.loss).toBeCloseTo(alone.epochs[i]!.train.loss, 5);
      expect(validation!.loss).toBeCloseTo(alone.epochs[i]!.validation!.loss, 5);
      expect(validation!.accuracy).toBe(alone.epochs[i]!.validation!.accuracy);
    }
  });

  it("end together when one of them does", async () => {
    const [first, second] = await together({ rows: 16, accumulate: 1, stop: 4 });
    expect(second).toEqual(first);
    expect([first!.reason, first!.epochs.length]).toEqual(["callback", 1]);
  });
});
