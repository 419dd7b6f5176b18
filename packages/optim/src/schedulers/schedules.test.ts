import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { optimizer, rates } from "../../test/scheduling";
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
  type Schedulable,
  StepLR,
} from "../index";

describe("a schedule", () => {
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

  it("refuse invalid periods", () => {
    for (const period of [0, -1, 1.5]) {
      expect(() => new StepLR(optimizer(1), { stepSize: period })).toThrow(
        `StepLR: stepSize must be a whole number, at least 1, got ${period}; call it as new StepLR(optimizer, { stepSize, gamma? })`,
      );
      expect(() => new CosineAnnealingLR(optimizer(1), { tMax: period })).toThrow(
        `CosineAnnealingLR: tMax must be a whole number, at least 1, got ${period}; `,
      );
    }
  });
});

it("a custom scheduler is defined by its rate for an epoch", () => {
  class Inverse extends LRScheduler {
    protected override next(_: number, baseLr: number): number {
      return baseLr / (1 + this.lastEpoch);
    }
  }
  const scheduler = new Inverse(optimizer(6));
  expect(rates(scheduler, 2)).toEqual([3, 2]);
  expect(scheduler.stateDict()).toEqual({ baseLrs: [6], lastEpoch: 2 });
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
  it("falls at its milestones, once for each mention of one", () => {
    expect(rates(new MultiStepLR(optimizer(1), { milestones: [4, 2, 4], gamma: 0.5 }), 5)).toEqual([
      1, 0.5, 0.5, 0.125, 0.125,
    ]);
    expect(new MultiStepLR(optimizer(1), { milestones: [0], gamma: 0.5 }).getLastLr()).toEqual([0.5]);
    expect(() => new MultiStepLR(optimizer(1), { milestones: [1.5] })).toThrow(
      /^MultiStepLR: milestones must be an array.* whole number, at least 0, got \[1.5\]; /,
    );
  });
});

describe("LinearLR", () => {
  it("goes from one factor to the other, and stays there", () => {
    const scheduler = new LinearLR(optimizer(8), { startFactor: 0.25, totalIters: 3 });
    expect(scheduler.getLastLr()).toEqual([2]);
    expect(rates(scheduler, 5)).toEqual([4, 6, 8, 8, 8]);
  });

  it("refuses invalid factors", () => {
    for (const startFactor of [0, 1.5]) {
      expect(() => new LinearLR(optimizer(1), { startFactor })).toThrow(
        `LinearLR: startFactor must be a finite number, above 0 and at most 1, got ${startFactor}; `,
      );
    }
    expect(() => new LinearLR(optimizer(1), { endFactor: -1 })).toThrow(
      "LinearLR: endFactor must be a finite number, at least 0 and at most 1, got -1; ",
    );
  });

  it("can run at the same time as another", () => {
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
      /^CosineAnnealingWarmRestarts.step: epoch must be a finite number, at least 0 .*, got -1; /,
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
    expect(momenta[0]).toEqual([0.625, 0.5, 0.625, 0.75, 0.75]);
    expect(momenta[1]).toEqual(momenta[0]);
    expect(adam.paramGroups[0]!.betas[1]).toBe(0.999);
    expect(Adam.defaults.betas).toEqual([0.9, 0.999]);
  });

  it("leaves momentum alone without cycleMomentum", () => {
    const target = optimizer(1);
    const scheduler = new OneCycleLR(target, { maxLr: 1, epochs: 2, stepsPerEpoch: 3, cycleMomentum: false });
    scheduler.step();
    expect(target.paramGroups[0]!.momentum).toBe(0.5);
    expect(scheduler.stateDict().totalSteps).toBe(6);
  });

  it("ends, and refuses an invalid cycle", () => {
    const scheduler = new OneCycleLR(optimizer(1), { maxLr: 1, totalSteps: 2 });
    scheduler.step();
    scheduler.step();
    const before = scheduler.stateDict();
    expect(() => scheduler.step()).toThrow(
      "OneCycleLR.step: step 3 is after the end of the cycle, which has 2 steps; make the cycle longer, or stop stepping",
    );
    expect(scheduler.stateDict()).toEqual(before);
    const make = (options: object) => () => new OneCycleLR(optimizer(1), { maxLr: 1, ...options });
    expect(make({})).toThrow(
      "OneCycleLR: the length of the cycle is missing; give totalSteps, or epochs and stepsPerEpoch",
    );
    expect(make({ totalSteps: 9, pctStart: 2 })).toThrow(
      "OneCycleLR: pctStart must be a finite number, at least 0 and at most 1, got 2; ",
    );
    expect(make({ totalSteps: 9, annealStrategy: "exp" })).toThrow(
      'OneCycleLR: annealStrategy must be "cos" or "linear", got "exp"; ',
    );
    const bare: Schedulable = { paramGroups: [{ lr: 1 }] };
    expect(() => new OneCycleLR(bare, { maxLr: 1, totalSteps: 9 })).toThrow(
      "OneCycleLR: the optimizer has neither momentum nor betas; use cycleMomentum: false",
    );
  });
});

describe("CyclicLR", () => {
  it("goes up and down, lower each time in some modes", () => {
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
      'CyclicLR: mode must be "triangular" or "triangular2" or "expRange", got "square"; ',
    );
  });
});
