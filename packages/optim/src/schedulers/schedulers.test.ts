import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { CosineAnnealingLR, ExponentialLR, ReduceLROnPlateau, type Schedulable, SGD, StepLR } from "../index";

const optimizer = (...rates: number[]) =>
  new SGD(rates.map((lr) => ({ params: [tensor([0], { requiresGrad: true })], lr })));

/** What all schedulers have in common. */
interface Scheduler {
  step(metric: number): void;
  getLastLr(): number[];
  stateDict(): Readonly<Record<string, number | readonly number[]>>;
  loadStateDict(state: Readonly<Record<string, number | readonly number[]>>): void;
}

const schedulers: Record<string, (optimizer: Schedulable) => Scheduler> = {
  StepLR: (o) => new StepLR(o, { stepSize: 3, gamma: 0.5 }),
  ExponentialLR: (o) => new ExponentialLR(o, { gamma: 0.9 }),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 5, etaMin: 0.01 }),
  ReduceLROnPlateau: (o) => new ReduceLROnPlateau(o, { patience: 1, factor: 0.5, cooldown: 1 }),
};

/** A loss that falls, stands still and rises. */
const metrics = [5, 4, 4, 4, 4, 3, 3, 3, 9, 9, 9, 9];

describe.each(Object.entries(schedulers))("%s", (name, make) => {
  it("goes on from a saved state as if it had not stopped", () => {
    const whole = optimizer(0.8, 0.1);
    const scheduler = make(whole);
    const rates = metrics.map((metric) => {
      scheduler.step(metric);
      return scheduler.getLastLr();
    });
    for (const stop of [0, 1, 4, 7]) {
      const first = optimizer(0.8, 0.1);
      const before = make(first);
      for (const metric of metrics.slice(0, stop)) before.step(metric);
      const second = optimizer(0.8, 0.1);
      const after = make(second);
      after.loadStateDict(before.stateDict());
      second.loadStateDict(first.stateDict());
      const rest = metrics.slice(stop).map((metric) => {
        after.step(metric);
        return after.getLastLr();
      });
      expect(rest).toEqual(rates.slice(stop));
    }
  });

  it("sets the rates of all groups of the optimizer", () => {
    const target = optimizer(0.8, 0.4);
    const scheduler = make(target);
    for (const metric of metrics) scheduler.step(metric);
    const [first, second] = scheduler.getLastLr() as [number, number];
    expect(target.paramGroups.map(({ lr }) => lr)).toEqual([first, second]);
    expect(first).toBeLessThan(0.8);
    expect(second).toBeLessThan(first);
  });

  it("saves a state that does not change afterwards", () => {
    const scheduler = make(optimizer(1));
    const state = scheduler.stateDict();
    const text = JSON.stringify(state);
    for (const metric of metrics) scheduler.step(metric);
    expect(JSON.stringify(state)).toBe(text);
    expect(state).not.toHaveProperty("optimizer");
  });

  it("refuses the state of another kind with everything that is wrong, and keeps its own", () => {
    const scheduler = make(optimizer(1));
    scheduler.step(1);
    const before = scheduler.stateDict();
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow(`${name}: the saved state does not fit, `);
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow('"unknown" is unknown');
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow(`"${Object.keys(before)[0]}" is missing`);
    expect(scheduler.stateDict()).toEqual(before);
  });
});

const rates = (scheduler: Scheduler, epochs: number) =>
  Array.from({ length: epochs }, () => {
    scheduler.step(0);
    return scheduler.getLastLr()[0]!;
  });

describe("schedules", () => {
  it("StepLR falls every few epochs", () => {
    expect(rates(new StepLR(optimizer(1), { stepSize: 2, gamma: 0.5 }), 5)).toEqual([
      1, 0.5, 0.5, 0.25, 0.25,
    ]);
    expect(rates(new StepLR(optimizer(1), { stepSize: 1 }), 1)).toEqual([0.1]);
  });

  it("ExponentialLR falls every epoch", () => {
    expect(rates(new ExponentialLR(optimizer(1), { gamma: 0.5 }), 3)).toEqual([0.5, 0.25, 0.125]);
  });

  it("CosineAnnealingLR falls to its lowest point, and rises again", () => {
    const found = rates(new CosineAnnealingLR(optimizer(1), { tMax: 4, etaMin: 0.2 }), 12);
    found.forEach((lr, i) => {
      expect(lr).toBeCloseTo(0.2 + (0.8 * (1 + Math.cos((Math.PI * (i + 1)) / 4))) / 2, 12);
    });
  });

  it("follow a rate that was changed by hand", () => {
    const target = optimizer(1);
    const scheduler = new ExponentialLR(target, { gamma: 0.5 });
    scheduler.step();
    target.paramGroups[0]!.lr = 8;
    scheduler.step();
    expect(scheduler.getLastLr()).toEqual([4]);
  });

  it("refuse periods that are none", () => {
    for (const period of [0, -1, 1.5]) {
      expect(() => new StepLR(optimizer(1), { stepSize: period })).toThrow(
        `StepLR: stepSize is ${period}; it must be a whole number from 1 on`,
      );
      expect(() => new CosineAnnealingLR(optimizer(1), { tMax: period })).toThrow(
        `CosineAnnealingLR: tMax is ${period}; it must be a whole number from 1 on`,
      );
    }
  });
});

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

  it("refuses a factor that does not reduce", () => {
    expect(() => new ReduceLROnPlateau(optimizer(1), { factor: 1 })).toThrow(
      "ReduceLROnPlateau: factor is 1; it must be below 1",
    );
  });
});
