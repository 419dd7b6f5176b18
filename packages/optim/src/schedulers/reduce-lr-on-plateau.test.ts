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

  it("waits for as many epochs without improvement as it is patient", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 2, factor: 0.5 });
    expect(run(scheduler, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25]);
  });

  it("waits on while the metric improves by more than the threshold", () => {
    const make = (options: object) =>
      new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5, ...options });
    expect(run(make({}), [4, 3, 2])).toEqual([1, 1, 1]);
    expect(run(make({ threshold: 0.5 }), [4, 3])).toEqual([1, 0.5]);
    expect(run(make({ threshold: 2, thresholdMode: "abs" }), [4, 3])).toEqual([1, 0.5]);
    expect(run(make({ mode: "max" }), [1, 2, 1])).toEqual([1, 1, 0.5]);
  });

  it("rests after a reduction, and stops at the smallest rate", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), {
      patience: 0,
      factor: 0.5,
      cooldown: 2,
      minLr: 0.3,
    });
    expect(run(scheduler, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3]);
  });

  it("takes NaN for no improvement", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5 });
    expect(run(scheduler, [1, Number.NaN])).toEqual([1, 0.5]);
  });

  it("takes a tensor for a metric, and minds when there is none", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5 });
    scheduler.step(tensor(1));
    scheduler.step(tensor(2));
    expect(scheduler.getLastLr()).toEqual([0.5]);
    expect(() => (scheduler as unknown as { step(): void }).step()).toThrow(
      "ReduceLROnPlateau.step: step was called without a metric; call step(loss), with what is to be watched",
    );
  });

  it("has a lowest rate for each group", () => {
    const target = optimizer(1, 1);
    const scheduler = new ReduceLROnPlateau(target, { patience: 0, factor: 0.1, minLr: [0.5, 0.25] });
    for (let i = 0; i < 3; i++) scheduler.step(1);
    expect(scheduler.getLastLr()).toEqual([0.5, 0.25]);
  });

  it.each(["min", "max"] as const)(
    "keeps a state for JSON, also before a metric and after %s infinity",
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
