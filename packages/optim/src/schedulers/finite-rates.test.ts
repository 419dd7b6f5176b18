import { fc, test } from "@fast-check/vitest";
import { ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { schedulers as exported } from "../../test/exported";
import { optimizer, settings } from "../../test/scheduling";
import {
  Adam,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CosineWarmupLR,
  CyclicLR,
  defineOptimizer,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type Schedulable,
  SequentialLR,
  SGD,
  StepLR,
  SWALR,
} from "../index";

interface Scheduler {
  lastEpoch: number;
  step(metric?: number): void;
  getLastLr(): number[];
  stateDict(): object;
}

const small = fc.integer({ min: 1, max: 12 });
const share = fc.oneof(
  fc.constantFrom(0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const above = fc.oneof(fc.constantFrom(1, 25, 1e4, 1e-3), fc.double({ min: 1e-60, max: 1e100, noNaN: true }));
const rate = fc.oneof(
  fc.constantFrom(0, 0.1, 1, 5e-324, 1e-300, 1e150),
  fc.double({ min: 0, max: 1e150, noNaN: true }),
);
const momentum = fc.double({ min: 0, max: 0.999, noNaN: true });
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }, ...requiredKeys: (keyof T)[]) =>
  fc.record(fields, { requiredKeys });

const tried = new Set<unknown>([SequentialLR]);

const maker = <O>(
  Class: new (target: Schedulable, options: O) => Scheduler,
  options: fc.Arbitrary<O>,
): fc.Arbitrary<(target: Schedulable) => Scheduler> => {
  tried.add(Class);
  return options.map((one) =>
    Object.assign((target: Schedulable) => new Class(target, one), {
      toString: () => `${Class.name} ${fc.stringify(one)}`,
    }),
  );
};

const simple = [
  maker(StepLR, some({ stepSize: small, gamma: share }, "stepSize")),
  maker(MultiStepLR, some({ milestones: fc.array(fc.nat(20)), gamma: share }, "milestones")),
  maker(ExponentialLR, fc.record({ gamma: share })),
  maker(LambdaLR, fc.record({ lrLambda: fc.func(share) })),
  maker(LinearLR, some({ startFactor: share.filter((x) => x > 0), endFactor: share, totalIters: small })),
  maker(CosineAnnealingLR, some({ tMax: small, etaMin: rate }, "tMax")),
  maker(CosineAnnealingWarmRestarts, some({ t0: small, tMult: small, etaMin: rate }, "t0")),
  maker(
    CosineWarmupLR,
    some(
      {
        warmupSteps: fc.nat(9),
        totalSteps: fc.integer({ min: 10, max: 25 }),
        startFactor: share,
        etaMin: rate,
      },
      "warmupSteps",
      "totalSteps",
    ),
  ),
  maker(
    SWALR,
    some(
      {
        swaLr: rate,
        annealEpochs: fc.nat(12),
        annealStrategy: fc.constantFrom("cos" as const, "linear" as const),
      },
      "swaLr",
    ),
  ),
  maker(
    CyclicLR,
    some(
      {
        baseLr: rate,
        maxLr: rate,
        stepSizeUp: small,
        stepSizeDown: small,
        mode: fc.constantFrom("triangular" as const, "triangular2" as const, "expRange" as const),
        gamma: share,
        scaleFn: fc.func(share),
        scaleMode: fc.constantFrom("cycle" as const, "iterations" as const),
        baseMomentum: momentum,
        maxMomentum: momentum,
      },
      "baseLr",
      "maxLr",
      "stepSizeUp",
    ),
  ),
  maker(
    OneCycleLR,
    some(
      {
        maxLr: rate,
        totalSteps: small,
        pctStart: share,
        annealStrategy: fc.constantFrom("cos" as const, "linear" as const),
        divFactor: above,
        finalDivFactor: above,
        threePhase: fc.boolean(),
        baseMomentum: momentum,
        maxMomentum: momentum,
      },
      "maxLr",
      "totalSteps",
    ),
  ),
];

const sequence = fc.tuple(fc.oneof(...simple.slice(0, 8)), fc.oneof(...simple.slice(0, 8)), small).map(
  ([first, second, milestone]) =>
    (target: Schedulable) =>
      new SequentialLR(target, {
        schedulers: [first(target), second(target)] as StepLR[],
        milestones: [milestone],
      }),
);

const plateau = maker(
  ReduceLROnPlateau as new (
    target: Schedulable,
    options: object,
  ) => Scheduler,
  some({
    mode: fc.constantFrom("min", "max"),
    factor: share.filter((x) => x < 1),
    patience: fc.nat(3),
    threshold: fc.double({ min: 0, max: 2, noNaN: true }),
    thresholdMode: fc.constantFrom("rel", "abs"),
    cooldown: fc.nat(3),
    minLr: rate,
    eps: rate,
  }),
);

/** With momentum, with betas, and with betas of a rule that has three. */
const Three = defineOptimizer({
  name: "three",
  options: { lr: 0.1, betas: [0.1, 0.2, 0.3], eps: 1 },
  limits: { lr: { min: 0 }, betas: { min: 0, below: 1 } },
  state: [],
  update: ({ param, grad }, { lr, betas: [first, , third], eps }) => ({
    param: param.sub(grad.mul(first.add(third).add(eps).mul(lr))),
  }),
});
const params = () => [tensor([1], { requiresGrad: true })];
const targets = [
  (lr: number) => new SGD(params(), { lr, momentum: 0.5 }),
  (lr: number) => new Adam(params(), { lr }),
  (lr: number) => new Three(params(), { lr }),
];

describe("every scheduler", () => {
  it("is covered", () => {
    expect(exported.filter(([, Class]) => !tried.has(Class)).map(([name]) => name)).toEqual([]);
  });

  test.prop([fc.oneof(...simple, sequence, plateau), fc.constantFrom(...targets), rate], { numRuns: 1500 })(
    "sets rates that its optimizer takes, over its whole run",
    (make, target, lr) => {
      const subject = target(lr);
      const scheduler = make(subject);
      const length = (scheduler as { totalSteps?: number }).totalSteps ?? 40;
      for (let epoch = 0; ; epoch++) {
        for (const found of scheduler.getLastLr()) expect(found).toSatisfy(Number.isFinite);
        // Groups outside the rule's limits would be refused.
        subject.step();
        subject.stateDict();
        if (epoch === length) break;
        scheduler.step((epoch * 7) % 5);
      }
      expect(JSON.stringify(scheduler.stateDict())).not.toContain("null");
    },
  );

  it("is right at the bottom of a very long cosine", () => {
    const tMax = 1e9;
    const target = optimizer(1);
    const scheduler = new CosineAnnealingLR(target, { tMax });
    scheduler.loadStateDict({ ...scheduler.stateDict(), lastEpoch: tMax - 4 });
    const expected = (epoch: number) => Math.sin((Math.PI * (tMax - epoch)) / (2 * tMax)) ** 2;
    target.paramGroups[0]!.lr = expected(tMax - 4);
    for (let epoch = tMax - 3; epoch <= tMax + 4; epoch++) {
      scheduler.step();
      if (epoch !== tMax) expect(scheduler.getLastLr()[0]! / expected(epoch)).toBeCloseTo(1, 5);
    }
  });

  it.each([
    ["ExponentialLR", (o: Schedulable) => new ExponentialLR(o, { gamma: 1e200 }), 2],
    ["StepLR", (o: Schedulable) => new StepLR(o, { stepSize: 1, gamma: 1e200 }), 2],
    [
      "CyclicLR",
      (o: Schedulable) =>
        new CyclicLR(o, { baseLr: 0, maxLr: 1, stepSizeUp: 1, mode: "expRange", gamma: 1e200 }),
      2,
    ],
  ] as const)("%s refuses to overflow, and does not move", (name, make, epoch) => {
    const scheduler = make(optimizer(1));
    while (scheduler.lastEpoch < epoch - 1) scheduler.step();
    const before = JSON.stringify([scheduler.stateDict(), settings(scheduler.optimizer)]);
    expect(() => scheduler.step()).toThrow(ThalwegError);
    expect(() => scheduler.step()).toThrow(
      new RegExp(
        `^${name}.step: a rate or momentum of paramGroups\\[0\\] would be (Infinity|NaN) in epoch ${epoch}; change the options or the function that lead there$`,
      ),
    );
    expect(JSON.stringify([scheduler.stateDict(), settings(scheduler.optimizer)])).toBe(before);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "0.5", undefined, null, 1n, {}])(
    "refuses a function that returns %o, before anything is set",
    (value) => {
      const target = optimizer(1, 2);
      let result: unknown = 0.5;
      const lrLambda = [() => 1, () => result as number];
      const lambda = new LambdaLR(target, { lrLambda });
      const cyclic = new CyclicLR(target, {
        baseLr: 0.1,
        maxLr: 1,
        stepSizeUp: 2,
        scaleFn: () => result as number,
      });
      const before = JSON.stringify([settings(target), lambda.stateDict(), cyclic.stateDict()]);
      result = value;
      expect(() => lambda.step()).toThrow(/^LambdaLR.step: a rate or momentum of paramGroups\[1\] would be /);
      expect(() => cyclic.step()).toThrow(/^CyclicLR.step: a rate or momentum of paramGroups\[0\] would be /);
      expect(() => new LambdaLR(target, { lrLambda })).toThrow(/^LambdaLR: a rate or momentum of/);
      expect(JSON.stringify([settings(target), lambda.stateDict(), cyclic.stateDict()])).toBe(before);
    },
  );
});

describe("OneCycleLR", () => {
  it("begins at the top when the rise has no steps", () => {
    const scheduler = new OneCycleLR(optimizer(1), { maxLr: 1, totalSteps: 10, pctStart: 0.1 });
    expect(scheduler.getLastLr()).toEqual([1]);
    scheduler.step();
    expect(scheduler.getLastLr()[0]).toBeCloseTo(0.96985, 5);
  });

  it("ends at its last rate", () => {
    const target = optimizer(1);
    const scheduler = new OneCycleLR(target, { maxLr: 1, totalSteps: 2, annealStrategy: "linear" });
    for (const end of [false, true, true]) {
      if (end) expect(scheduler.getLastLr()[0]).toBeCloseTo(4e-6, 12);
      if (scheduler.lastEpoch < 2) scheduler.step();
    }
    expect(target.paramGroups[0]!.momentum).toBeCloseTo(0.95, 12);
  });

  it.each([
    ["divFactor", 0],
    ["divFactor", -1],
    ["divFactor", Number.NaN],
    ["finalDivFactor", 0],
    ["finalDivFactor", Number.POSITIVE_INFINITY],
  ])("refuses %s of %d", (name, value) => {
    const target = optimizer(1);
    expect(() => new OneCycleLR(target, { maxLr: 1, totalSteps: 5, [name]: value })).toThrow(
      `OneCycleLR: ${name} must be a finite number, above 0, got ${value}; call it as new OneCycleLR(optimizer, {`,
    );
    for (const factors of [{ divFactor: 1e-9 }, { finalDivFactor: 1e-9 }]) {
      expect(() => new OneCycleLR(target, { maxLr: 1e308, totalSteps: 5, ...factors })).toThrow(
        /^OneCycleLR: a rate is infinite, with divFactor \S+ and finalDivFactor \S+; make these larger$/,
      );
    }
    expect(new ExponentialLR(target, { gamma: 1 }).baseLrs).toEqual([1]);
  });

  it("changes the first of betas, however many there are", () => {
    for (const make of [
      (o: Schedulable) => new OneCycleLR(o, { maxLr: 1, totalSteps: 10, maxMomentum: 0.75 }),
      (o: Schedulable) => new CyclicLR(o, { baseLr: 0, maxLr: 1, maxMomentum: 0.75 }),
    ]) {
      const target = new Three(params());
      const scheduler = make(target);
      expect(target.paramGroups[0]!.betas).toEqual([0.75, 0.2, 0.3]);
      for (const w of target.paramGroups[0]!.params) w.grad = tensor([1]);
      target.step();
      scheduler.step();
      expect(target.paramGroups[0]!.betas).toHaveLength(3);
      const one: Schedulable = { paramGroups: [{ lr: 1, betas: [0.5] }] };
      make(one);
      expect(one.paramGroups[0]!.betas).toEqual([0.75]);
      const none: Schedulable = { paramGroups: [{ lr: 1, betas: [] }] };
      expect(() => make(none)).toThrow(
        "the optimizer has neither momentum nor betas; use cycleMomentum: false",
      );
      expect(none).toEqual({ paramGroups: [{ lr: 1, betas: [] }] });
    }
  });
});
