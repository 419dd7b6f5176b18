import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { optimizer } from "../../test/scheduling";
import { ReduceLROnPlateau, type SchedulerState } from "../index";

describe("ReduceLROnPlateau", () => {
  const run = (scheduler: ReduceLROnPlateau, values: readonly number[]) =>
    values.map((metric) => {
      scheduler.step(metric);
      return scheduler.getLastLr()[0]!;
    });

  it("waits for `patience` epochs without improvement", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 2, factor: 0.5 });
    expect(run(scheduler, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25]);
  });

  it("keeps waiting while the metric improves by more than the threshold", () => {
    const make = (options: object) =>
      new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5, ...options });
    expect(run(make({}), [4, 3, 2])).toEqual([1, 1, 1]);
    expect(run(make({ threshold: 0.5 }), [4, 3])).toEqual([1, 0.5]);
    expect(run(make({ threshold: 2, thresholdMode: "abs" }), [4, 3])).toEqual([1, 0.5]);
    expect(run(make({ mode: "max" }), [1, 2, 1])).toEqual([1, 1, 0.5]);
  });

  it.each(["min", "max"] as const)("reduces on a constant metric below 0, 0 or above, mode %s", (mode) => {
    for (const metric of [-5, -1e-3, 0, 1e-3, 5, -1e300, 1e300]) {
      for (const thresholdMode of ["rel", "abs"] as const) {
        const options = { mode, thresholdMode, patience: 1, factor: 0.5 };
        const scheduler = new ReduceLROnPlateau(optimizer(1), options);
        expect(run(scheduler, [metric, metric, metric, metric, metric])).toEqual([1, 1, 0.5, 0.5, 0.25]);
      }
    }
  });

  it("counts a share of the size of a metric below 0 as an improvement", () => {
    const make = (mode: "min" | "max") =>
      new ReduceLROnPlateau(optimizer(1), { mode, patience: 0, factor: 0.5, threshold: 0.1 });
    expect(run(make("min"), [-10, -10.5, -11.5])).toEqual([1, 0.5, 0.5]);
    expect(run(make("max"), [-10, -9.5, -8.5])).toEqual([1, 0.5, 0.5]);
  });

  it.each([1, 1.5, 1e3])("counts the first metric as an improvement, with a threshold of %d", (threshold) => {
    for (const mode of ["min", "max"] as const) {
      for (const metric of [-5, 0, 5]) {
        const scheduler = new ReduceLROnPlateau(optimizer(1), { mode, threshold, patience: 0 });
        scheduler.step(metric);
        expect(scheduler.stateDict()).toMatchObject({ best: metric, badEpochs: 0 });
      }
    }
  });

  it.each([null, "0.5", {}, [0.5], true, 1n, { item: () => "1" }, tensor([1, 2])])(
    "refuses %o as a metric, and does not change",
    (metric) => {
      const scheduler = new ReduceLROnPlateau(optimizer(1));
      const before = scheduler.stateDict();
      expect(() => scheduler.step(metric as number)).toThrow(/^ReduceLROnPlateau.step: /);
      expect(scheduler.stateDict()).toEqual(before);
    },
  );

  it("pauses after a reduction, and stops at the smallest rate", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), {
      patience: 0,
      factor: 0.5,
      cooldown: 2,
      minLr: 0.3,
    });
    expect(run(scheduler, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3]);
  });

  it("does not count NaN as an improvement", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5 });
    expect(run(scheduler, [1, Number.NaN])).toEqual([1, 0.5]);
  });

  it("accepts a tensor as a metric, and refuses a missing one", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5 });
    scheduler.step(tensor(1));
    scheduler.step(tensor(2));
    expect(scheduler.getLastLr()).toEqual([0.5]);
    expect(() => (scheduler as unknown as { step(): void }).step()).toThrow(
      "ReduceLROnPlateau.step: step was called without a metric; call step(loss), with the metric to watch",
    );
  });

  it("has a lowest rate for each group", () => {
    const target = optimizer(1, 1);
    const scheduler = new ReduceLROnPlateau(target, { patience: 0, factor: 0.1, minLr: [0.5, 0.25] });
    for (let i = 0; i < 3; i++) scheduler.step(1);
    expect(scheduler.getLastLr()).toEqual([0.5, 0.25]);
  });

  it.each(["min", "max"] as const)(
    "has a state that survives JSON, also before a metric and after %s infinity",
    (mode) => {
      const scheduler = new ReduceLROnPlateau(optimizer(1), { mode });
      const through = () => JSON.parse(JSON.stringify(scheduler.stateDict())) as SchedulerState;
      expect(through()).toEqual(scheduler.stateDict());
      for (const metric of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])
        scheduler.step(metric);
      expect(through()).toEqual(scheduler.stateDict());
      scheduler.loadStateDict(through());
    },
  );

  it("refuses a factor that does not reduce", () => {
    expect(() => new ReduceLROnPlateau(optimizer(1), { factor: 1 })).toThrow(
      "ReduceLROnPlateau: factor must be a finite number, at least 0 and below 1, got 1; call it as new Reduce",
    );
  });

  it("refuses a mode that does not exist", () => {
    const make = (options: object) => () => new ReduceLROnPlateau(optimizer(1), options);
    expect(make({ mode: "low" })).toThrow('ReduceLROnPlateau: mode must be "min" or "max", got "low"; ');
    expect(make({ thresholdMode: "share" })).toThrow(
      'ReduceLROnPlateau: thresholdMode must be "rel" or "abs", got "share"; ',
    );
  });
});
