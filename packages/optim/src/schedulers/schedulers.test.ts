import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  Adam,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  LRScheduler,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type Schedulable,
  type SchedulerState,
  SequentialLR,
  SGD,
  StepLR,
} from "../index";

const optimizer = (...rates: number[]) =>
  new SGD(
    rates.map((lr) => ({ params: [tensor([0], { requiresGrad: true })], lr })),
    { momentum: 0.5 },
  );

/** What all schedulers have in common. */
interface Scheduler {
  step(...metric: never[]): void;
  getLastLr(): number[];
  stateDict(): SchedulerState;
  loadStateDict(state: SchedulerState): void;
}

/** Only one of them wants a metric. */
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
      // As a file would give it.
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

  it("saves a state that does not change afterwards", () => {
    const scheduler = make(optimizer(1));
    const state = scheduler.stateDict();
    const text = JSON.stringify(state);
    for (const metric of metrics) advance(scheduler, metric);
    expect(JSON.stringify(state)).toBe(text);
    expect(state).not.toHaveProperty("optimizer");
  });

  it("refuses the state of another kind with everything that is wrong, and keeps its own", () => {
    const scheduler = make(optimizer(1));
    advance(scheduler, 1);
    const before = scheduler.stateDict();
    const wrong = { ...before, lastEpoch: "1" };
    expect(() => scheduler.loadStateDict(wrong)).toThrow('does not fit, "lastEpoch" is "1"; load it into');
    expect(() => scheduler.loadStateDict(null as never)).toThrow("does not fit, it is null");
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow(`${name}: the saved state does not fit, `);
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow('"unknown" is unknown');
    expect(() => scheduler.loadStateDict({ unknown: 1 })).toThrow(`"${Object.keys(before)[0]}" is missing`);
    expect(scheduler.stateDict()).toEqual(before);
  });
});

const rates = (scheduler: Scheduler, epochs: number) =>
  Array.from({ length: epochs }, () => {
    advance(scheduler, 0);
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

describe("LambdaLR", () => {
  it("multiplies the first rates by a function, or by one for each group", () => {
    const scheduler = new LambdaLR(optimizer(1, 10), { lrLambda: [(t) => t + 1, (t) => 1 / (t + 1)] });
    expect(scheduler.getLastLr()).toEqual([1, 10]);
    scheduler.step();
    expect(scheduler.getLastLr()).toEqual([2, 5]);
    expect(() => new LambdaLR(optimizer(1), { lrLambda: [Math.sin, Math.cos] })).toThrow(
      "LambdaLR: lrLambda has 2 values, there are 1 groups; give one value, or one for each group",
    );
  });
});

describe("MultiStepLR", () => {
  it("falls at its milestones, once for each time that one is named", () => {
    expect(rates(new MultiStepLR(optimizer(1), { milestones: [4, 2, 4], gamma: 0.5 }), 5)).toEqual([
      1, 0.5, 0.5, 0.125, 0.125,
    ]);
    expect(new MultiStepLR(optimizer(1), { milestones: [0], gamma: 0.5 }).getLastLr()).toEqual([0.5]);
    expect(() => new MultiStepLR(optimizer(1), { milestones: [1.5] })).toThrow(
      "MultiStepLR: a milestone is 1.5; each must be a whole number from 0 on",
    );
  });
});

describe("LinearLR", () => {
  it("goes from one factor to the other, and stays there", () => {
    const scheduler = new LinearLR(optimizer(8), { startFactor: 0.25, totalIters: 3 });
    expect(scheduler.getLastLr()).toEqual([2]);
    expect(rates(scheduler, 5)).toEqual([4, 6, 8, 8, 8]);
  });

  it("refuses factors that are none", () => {
    for (const startFactor of [0, 1.5]) {
      expect(() => new LinearLR(optimizer(1), { startFactor })).toThrow(
        `LinearLR: startFactor is ${startFactor}; it must be above 0 and at most 1`,
      );
    }
    expect(() => new LinearLR(optimizer(1), { endFactor: -1 })).toThrow(
      "LinearLR: endFactor is -1; it must be from 0 to 1",
    );
  });

  it("can be followed at the same time by another", () => {
    const target = optimizer(8);
    const [warmup, decay] = [
      new LinearLR(target, { startFactor: 0.5, totalIters: 2 }),
      new ExponentialLR(target, { gamma: 0.5 }),
    ];
    expect(decay.baseLrs).toEqual([8]);
    warmup.step();
    decay.step();
    expect(target.paramGroups[0]!.lr).toBe(3);
  });
});

describe("CosineAnnealingWarmRestarts", () => {
  it("restarts after longer and longer periods", () => {
    const found = rates(new CosineAnnealingWarmRestarts(optimizer(1), { t0: 1, tMult: 2 }), 7);
    expect(found.map((lr) => lr.toFixed(3))).toEqual([
      "1.000",
      "0.500",
      "1.000",
      "0.854",
      "0.500",
      "0.146",
      "1.000",
    ]);
  });

  it("can be sent to any epoch, with fractions", () => {
    const make = (tMult: number) => new CosineAnnealingWarmRestarts(optimizer(1), { t0: 3, tMult });
    for (const tMult of [1, 2, 5]) {
      const [stepped, sent] = [make(tMult), make(tMult)];
      for (let epoch = 1; epoch <= 30; epoch++) {
        stepped.step();
        sent.step(epoch);
        expect(sent.stateDict()).toEqual(stepped.stateDict());
      }
      sent.step(4);
      sent.step(0.75);
      expect(sent.getLastLr()[0]).toBeCloseTo((1 + Math.cos(Math.PI / 4)) / 2, 12);
      expect(sent.lastEpoch).toBe(0);
    }
    expect(() => make(1).step(-1)).toThrow(
      "CosineAnnealingWarmRestarts: the epoch is -1; it must be 0 or more",
    );
  });
});

describe("OneCycleLR", () => {
  it("moves momentum against the rate, or the first of betas", () => {
    const [sgd, adam] = [optimizer(1), new Adam([tensor([0], { requiresGrad: true })])];
    const momenta = [sgd, adam].map((target) => {
      const scheduler = new OneCycleLR(target, {
        maxLr: 1,
        totalSteps: 5,
        pctStart: 0.6,
        annealStrategy: "linear",
        baseMomentum: 0.5,
        maxMomentum: 0.75,
      });
      return Array.from({ length: 5 }, () => {
        const group = target.paramGroups[0]! as { momentum?: number; betas?: [number, number] };
        scheduler.step();
        return group.momentum ?? group.betas![0];
      });
    });
    expect(momenta[0]).toEqual([0.625, 0.5, 0.625, 0.75, 0.875]);
    expect(momenta[1]).toEqual(momenta[0]);
    expect(adam.paramGroups[0]!.betas[1]).toBe(0.999);
    expect(Adam.defaults.betas).toEqual([0.9, 0.999]);
  });

  it("leaves momentum alone when told to", () => {
    const target = optimizer(1);
    const scheduler = new OneCycleLR(target, { maxLr: 1, epochs: 2, stepsPerEpoch: 3, cycleMomentum: false });
    scheduler.step();
    expect(target.paramGroups[0]!.momentum).toBe(0.5);
    expect(scheduler.stateDict().totalSteps).toBe(6);
  });

  it("ends, and refuses what is no cycle", () => {
    const scheduler = new OneCycleLR(optimizer(1), { maxLr: 1, totalSteps: 2 });
    scheduler.step();
    scheduler.step();
    const before = scheduler.stateDict();
    expect(() => scheduler.step()).toThrow(
      "OneCycleLR: step 3 is behind the end of the cycle, which has 2 steps; make the cycle longer, or stop stepping",
    );
    expect(scheduler.stateDict()).toEqual(before);
    const make = (options: object) => () => new OneCycleLR(optimizer(1), { maxLr: 1, ...options });
    expect(make({})).toThrow(
      "OneCycleLR: the length of the cycle is missing; give totalSteps, or epochs and stepsPerEpoch",
    );
    expect(make({ totalSteps: 9, pctStart: 2 })).toThrow("OneCycleLR: pctStart is 2; it must be from 0 to 1");
    expect(make({ totalSteps: 9, annealStrategy: "exp" })).toThrow(
      'OneCycleLR: annealStrategy is "exp"; use "cos" or "linear"',
    );
    const bare: Schedulable = { paramGroups: [{ lr: 1 }] };
    expect(() => new OneCycleLR(bare, { maxLr: 1, totalSteps: 9 })).toThrow(
      "OneCycleLR: the optimizer has neither momentum nor betas; use cycleMomentum: false",
    );
  });
});

describe("CyclicLR", () => {
  it("goes up and down, lower each time if it is told to", () => {
    const make = (options: object) =>
      new CyclicLR(optimizer(1), { baseLr: 1, maxLr: 5, stepSizeUp: 2, stepSizeDown: 1, ...options });
    expect(rates(make({}), 6)).toEqual([3, 5, 1, 3, 5, 1].map((lr) => expect.closeTo(lr, 12)));
    expect(rates(make({ mode: "triangular2" }), 6)).toEqual(
      [3, 5, 1, 2, 3, 1].map((lr) => expect.closeTo(lr, 12)),
    );
    expect(rates(make({ scaleFn: (cycle: number) => cycle }), 5)[4]).toBeCloseTo(9, 12);
  });

  it("moves momentum against the rate, between bounds of each group", () => {
    const target = optimizer(1, 2);
    const scheduler = new CyclicLR(target, {
      baseLr: 0,
      maxLr: [1, 2],
      stepSizeUp: 2,
      baseMomentum: [0.5, 0.25],
      maxMomentum: 0.75,
    });
    const momenta = () => target.paramGroups.map(({ momentum }) => momentum);
    expect(momenta()).toEqual([0.75, 0.75]);
    scheduler.step();
    scheduler.step();
    expect(momenta()).toEqual([0.5, 0.25]);
    expect(scheduler.getLastLr()).toEqual([1, 2]);
  });

  it("refuses a mode that does not exist", () => {
    expect(() => new CyclicLR(optimizer(1), { baseLr: 0, maxLr: 1, mode: "square" as "triangular" })).toThrow(
      'CyclicLR: mode is "square"; use "triangular" or "triangular2" or "expRange"',
    );
  });
});

describe("SequentialLR", () => {
  it("lets each begin where it would have begun alone", () => {
    const scheduler = warmupAndDecay(optimizer(1));
    expect(scheduler.getLastLr()[0]).toBeCloseTo(1 / 3, 12);
    const found = rates(scheduler, 8).map((lr) => lr.toFixed(3));
    expect(found).toEqual(["0.556", "0.778", "1.000", "1.000", "1.000", "0.500", "0.500", "0.250"]);
  });

  it("can be a part of another", () => {
    const target = optimizer(1);
    const inner = warmupAndDecay(target);
    const outer = new SequentialLR(target, {
      schedulers: [new LambdaLR(target, { lrLambda: () => 7 }), inner],
      milestones: [2],
    });
    expect(outer.getLastLr()).toEqual([7]);
    const alone = warmupAndDecay(optimizer(1));
    const expected = [alone.getLastLr()[0]!, ...rates(alone, 7)];
    expect(rates(outer, 9)).toEqual([7, ...expected]);
  });

  it("says where a state does not fit", () => {
    const scheduler = warmupAndDecay(optimizer(1));
    const state = scheduler.stateDict();
    const [first, second] = state.schedulers as readonly SchedulerState[];
    const { gamma: _, ...rest } = second!;
    expect(() => scheduler.loadStateDict({ ...state, schedulers: [first!, rest] })).toThrow(
      'SequentialLR: the saved state does not fit, "schedulers[1].gamma" is missing; load it into the same kind',
    );
    expect(() => scheduler.loadStateDict({ ...state, schedulers: [first!] })).toThrow(
      '"schedulers" has 1 entries, not 2',
    );
  });

  it("refuses what is no sequence", () => {
    const target = optimizer(1);
    const part = new StepLR(target, { stepSize: 1 });
    const make = (schedulers: LRScheduler[], milestones: number[]) => () =>
      new SequentialLR(target, { schedulers, milestones });
    expect(make([part, part], [])).toThrow(
      "SequentialLR: there are 2 schedulers and 0 milestones; give one milestone less than schedulers",
    );
    expect(make([part, part, part], [3, 3])).toThrow(
      "SequentialLR: the milestones are 3, 3; they must be whole numbers from 1 on, each larger than the last",
    );
    expect(make([new StepLR(optimizer(1), { stepSize: 1 })], [])).toThrow(
      "SequentialLR: a scheduler belongs to another optimizer; make all of them for this one",
    );
  });
});

it("a scheduler of one's own is its rate for an epoch", () => {
  class Inverse extends LRScheduler {
    protected override next(_: number, baseLr: number): number {
      return baseLr / (1 + this.lastEpoch);
    }
  }
  const scheduler = new Inverse(optimizer(6));
  expect(rates(scheduler, 2)).toEqual([3, 2]);
  expect(scheduler.stateDict()).toEqual({ baseLrs: [6], lastEpoch: 2 });
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

  it("takes a tensor for a metric, and minds when there is none", () => {
    const scheduler = new ReduceLROnPlateau(optimizer(1), { patience: 0, factor: 0.5 });
    scheduler.step(tensor(1));
    scheduler.step(tensor(2));
    expect(scheduler.getLastLr()).toEqual([0.5]);
    expect(() => (scheduler as unknown as { step(): void }).step()).toThrow(
      "ReduceLROnPlateau: step was called without a metric; call step(loss), with what is to be watched",
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
      "ReduceLROnPlateau: factor is 1; it must be below 1",
    );
  });

  it("refuses a mode that does not exist", () => {
    const make = (options: object) => () => new ReduceLROnPlateau(optimizer(1), options);
    expect(make({ mode: "low" })).toThrow('ReduceLROnPlateau: mode is "low"; use "min" or "max"');
    expect(make({ thresholdMode: "share" })).toThrow(
      'ReduceLROnPlateau: thresholdMode is "share"; use "rel" or "abs"',
    );
  });
});
