import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { schedulers as exported } from "../../test/exported";
import { optimizer } from "../../test/scheduling";
import {
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CosineWarmupLR,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type Schedulable,
  type SchedulerState,
  SequentialLR,
  StepLR,
  SWALR,
} from "../index";

/** The interface that all schedulers have in common. */
interface Scheduler {
  step(...metric: never[]): void;
  getLastLr(): number[];
  stateDict(): SchedulerState;
  loadStateDict(state: SchedulerState): void;
}

/** Steps any of them; only one needs the metric. */
function advance(scheduler: Scheduler, metric: number): void {
  if (scheduler instanceof ReduceLROnPlateau) scheduler.step(metric);
  else scheduler.step();
}

const warmupAndDecay = (o: Schedulable) =>
  new SequentialLR(o, {
    schedulers: [new LinearLR(o, { totalIters: 3 }), new StepLR(o, { stepSize: 2, gamma: 0.5 })],
    milestones: [4],
  });

const schedulers: Record<string, (optimizer: Schedulable) => Scheduler> = {
  LambdaLR: (o) => new LambdaLR(o, { lrLambda: (epoch) => 0.9 ** epoch }),
  StepLR: (o) => new StepLR(o, { stepSize: 3, gamma: 0.5 }),
  MultiStepLR: (o) => new MultiStepLR(o, { milestones: [2, 5, 5], gamma: 0.5 }),
  ExponentialLR: (o) => new ExponentialLR(o, { gamma: 0.9 }),
  LinearLR: (o) => new LinearLR(o, { startFactor: 0.9, endFactor: 0.1, totalIters: 8 }),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 5, etaMin: 0.01 }),
  CosineAnnealingWarmRestarts: (o) => new CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2, etaMin: 0.01 }),
  CosineWarmupLR: (o) => new CosineWarmupLR(o, { warmupSteps: 3, totalSteps: 19, startFactor: 0.1 }),
  SWALR: (o) => new SWALR(o, { swaLr: o.paramGroups.map(({ lr }) => lr / 10), annealEpochs: 6 }),
  OneCycleLR: (o) => new OneCycleLR(o, { maxLr: o.paramGroups.map(({ lr }) => lr), totalSteps: 13 }),
  CyclicLR: (o) =>
    new CyclicLR(o, {
      baseLr: o.paramGroups.map(({ lr }) => lr / 4),
      maxLr: o.paramGroups.map(({ lr }) => lr),
      stepSizeUp: 2,
      stepSizeDown: 3,
      mode: "triangular2",
    }),
  SequentialLR: warmupAndDecay,
  ReduceLROnPlateau: (o) => new ReduceLROnPlateau(o, { patience: 1, factor: 0.5, cooldown: 1 }),
};

/** A loss that falls, stands still and rises. */
const metrics = [5, 4, 4, 4, 4, 3, 3, 3, 9, 9, 9, 9];

it("cover all that the package exports", () => {
  expect(Object.keys(schedulers).sort()).toEqual(exported.map(([name]) => name).sort());
});

describe.each(Object.entries(schedulers))("%s", (name, make) => {
  it("goes on from a saved state as if it had not stopped", () => {
    const whole = optimizer(0.8, 0.1);
    const scheduler = make(whole);
    const rates = metrics.map((metric) => {
      advance(scheduler, metric);
      return scheduler.getLastLr();
    });
    for (const stop of [0, 1, 4, 7]) {
      const first = optimizer(0.8, 0.1);
      const before = make(first);
      for (const metric of metrics.slice(0, stop)) advance(before, metric);
      const second = optimizer(0.8, 0.1);
      const after = make(second);
      advance(after, 7);
      // As it would come from a file.
      after.loadStateDict(JSON.parse(JSON.stringify(before.stateDict())));
      second.loadStateDict(first.stateDict());
      const rest = metrics.slice(stop).map((metric) => {
        advance(after, metric);
        return after.getLastLr();
      });
      expect(rest).toEqual(rates.slice(stop));
      expect(second.paramGroups[0]!.momentum).toBe(whole.paramGroups[0]!.momentum);
    }
  });

  it("sets the rates of all groups of the optimizer", () => {
    const target = optimizer(0.8, 0.4);
    const scheduler = make(target);
    for (const metric of metrics) advance(scheduler, metric);
    const [first, second] = scheduler.getLastLr() as [number, number];
    expect(target.paramGroups.map(({ lr }) => lr)).toEqual([first, second]);
    expect(first).toBeLessThan(0.8);
    expect(second).toBeLessThan(first);
  });

  it("sets the rates of groups that are added later, too", () => {
    const target = optimizer(0.8);
    const scheduler = make(target);
    advance(scheduler, 5);
    target.addParamGroup({ params: [tensor([0])], lr: 0.25 });
    for (const metric of metrics.slice(1)) advance(scheduler, metric);
    for (const lr of scheduler.getLastLr()) expect(lr).toBeGreaterThan(0);
    expect(scheduler.getLastLr()[1]).toBeLessThanOrEqual(0.25);
  });

  it("saves a state that does not change afterwards", () => {
    const scheduler = make(optimizer(1));
    const state = scheduler.stateDict();
    const text = JSON.stringify(state);
    for (const metric of metrics) advance(scheduler, metric);
    expect(JSON.stringify(state)).toBe(text);
    expect(state).not.toHaveProperty("optimizer");
  });

  it.each(["__proto__", "constructor", "toString", "optimizer"])("has no field %s", (field) => {
    const scheduler = make(optimizer(1));
    const before = scheduler.stateDict();
    const [prototype, target] = [
      Object.getPrototypeOf(scheduler),
      (scheduler as { optimizer?: unknown }).optimizer,
    ];
    const wrong = { ...before, ...JSON.parse(`{"${field}":{"step":1}}`) } as SchedulerState;
    Object.defineProperty(wrong, field, { value: { step: 1 }, enumerable: true });
    expect(() => scheduler.loadStateDict(wrong)).toThrow(`does not fit, "${field}" is unknown; load it`);
    expect(Object.getPrototypeOf(scheduler)).toBe(prototype);
    expect((scheduler as { optimizer?: unknown }).optimizer).toBe(target);
    expect(scheduler.stateDict()).toEqual(before);
  });

  it("refuses numbers and names that it could not use, and keeps its own", () => {
    const scheduler = make(optimizer(1));
    const before = scheduler.stateDict();
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scheduler.loadStateDict({ ...before, lastEpoch: value })).toThrow(
        `does not fit, "lastEpoch" is ${value}, it must be a whole number, at least 0; load it`,
      );
    }
    for (const [field, value] of Object.entries(before)) {
      if (typeof value === "string") {
        expect(() => scheduler.loadStateDict({ ...before, [field]: "other" })).toThrow(
          `"${field}" is "other", it must be "`,
        );
      } else if (
        /Lrs?$|gamma|factor|Factor|tMax|t0|tMult|tI|tCur|stepSize|total|stepRatio|rates|ends/.test(field)
      ) {
        const nan = JSON.parse(JSON.stringify(value), (_, x) =>
          typeof x === "number" ? Number.NaN : x,
        ) as number;
        expect(() => scheduler.loadStateDict({ ...before, [field]: nan })).toThrow("is NaN, it must be ");
      }
    }
    expect(scheduler.stateDict()).toEqual(before);
  });

  it("refuses the state of another kind, listing everything that is wrong, and keeps its own", () => {
    const scheduler = make(optimizer(1));
    advance(scheduler, 1);
    const before = scheduler.stateDict();
    const wrong = { ...before, lastEpoch: "1" };
    expect(() => scheduler.loadStateDict(wrong)).toThrow('does not fit, "lastEpoch" is "1"; load it into');
    expect(() => scheduler.loadStateDict(null as never)).toThrow("does not fit, it is null");
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow(
      `${name}.loadStateDict: the saved state does not fit, `,
    );
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow('"unknown" is unknown');
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow(`"${Object.keys(before)[0]}" is missing`);
    expect(scheduler.stateDict()).toEqual(before);
  });
});
