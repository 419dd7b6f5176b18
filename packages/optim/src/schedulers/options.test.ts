import { ArgumentError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { schedulers as exported } from "../../test/exported";
import { optimizer, settings } from "../../test/scheduling";
import * as optim from "../index";

type Make = (target: unknown, options?: unknown) => object;
const maker = (Class: unknown): Make => {
  const make = Class as new (target: unknown, options?: unknown) => object;
  return (target, ...options) => new make(target, ...options);
};

const nonsense = [
  "0.5",
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  null,
  {},
  Symbol("x"),
  1n,
  [Number.NaN],
  ["1"],
  () => 1,
];
const negative = [...nonsense, -1];
const notWhole = [...negative, 0.5, Number.POSITIVE_INFINITY];
const notPositive = [...notWhole, 0];
const notBoolean = [...nonsense, 0, 1];
const notMomentum = [...negative, 1, 2];

const classes = new Map<string, unknown>(Object.entries(optim));

/** The required options of each scheduler, and invalid values of every option. */
const cases: Record<string, [needs: object, wrong: Record<string, readonly unknown[]>]> = {
  StepLR: [{ stepSize: 2 }, { stepSize: notPositive, gamma: negative }],
  MultiStepLR: [
    { milestones: [1] },
    { milestones: [...nonsense, 1, [-1], [0.5], [1, undefined]], gamma: negative },
  ],
  ExponentialLR: [{ gamma: 0.5 }, { gamma: negative }],
  LambdaLR: [
    { lrLambda: () => 1 },
    { lrLambda: [...nonsense.slice(0, -1), 1, [1], [() => 1, () => 1], optim.SGD] },
  ],
  LinearLR: [
    {},
    { startFactor: [...negative, 0, 1.5], endFactor: [...negative, 1.5], totalIters: notPositive },
  ],
  CosineAnnealingLR: [{ tMax: 3 }, { tMax: notPositive, etaMin: negative }],
  CosineAnnealingWarmRestarts: [{ t0: 3 }, { t0: notPositive, tMult: notPositive, etaMin: negative }],
  CosineWarmupLR: [
    { warmupSteps: 2, totalSteps: 5 },
    { warmupSteps: negative, totalSteps: notPositive, startFactor: [...negative, 1.5], etaMin: negative },
  ],
  SWALR: [{ swaLr: 0.1 }, { swaLr: negative, annealEpochs: negative, annealStrategy: ["cosine"] }],
  CyclicLR: [
    { baseLr: 0.1, maxLr: 1 },
    {
      baseLr: [...negative, [1, 1]],
      maxLr: [...negative, [1, 1]],
      stepSizeUp: notPositive,
      stepSizeDown: notPositive,
      mode: [...nonsense, "exp_range"],
      gamma: negative,
      scaleFn: [...nonsense.slice(0, -1), 1],
      scaleMode: [...nonsense, "step"],
      cycleMomentum: notBoolean,
      baseMomentum: notMomentum,
      maxMomentum: notMomentum,
    },
  ],
  OneCycleLR: [
    { maxLr: 1, totalSteps: 5 },
    {
      maxLr: [...negative, [1, 1]],
      totalSteps: notPositive,
      epochs: notPositive,
      stepsPerEpoch: notPositive,
      pctStart: [...negative, 1.5],
      annealStrategy: [...nonsense, "cosine"],
      cycleMomentum: notBoolean,
      baseMomentum: notMomentum,
      maxMomentum: notMomentum,
      divFactor: [...negative, 0],
      finalDivFactor: [...negative, 0],
      threePhase: notBoolean,
    },
  ],
  SequentialLR: [
    { schedulers: [new optim.StepLR(optimizer(1), { stepSize: 1 })], milestones: [] },
    {
      schedulers: [...nonsense, [1], [new optim.ReduceLROnPlateau(optimizer(1))]],
      milestones: [...nonsense, [0], [0.5]],
    },
  ],
  ReduceLROnPlateau: [
    {},
    {
      mode: [...nonsense, "lowest"],
      factor: [...negative, 1],
      patience: notWhole,
      threshold: negative,
      thresholdMode: [...nonsense, "relative"],
      cooldown: notWhole,
      minLr: [...negative, [0, 0]],
      eps: negative,
    },
  ],
};

it("cover every scheduler", () => {
  expect(Object.keys(cases).sort()).toEqual(exported.map(([name]) => name).sort());
});

describe.each(Object.entries(cases))("the options of %s", (name, [needs, wrong]) => {
  const make = maker(classes.get(name));
  const usage = `call it as new ${name}(optimizer, { ${Object.keys(wrong)
    .map((option) =>
      option in needs && `${name}.${option}` !== "OneCycleLR.totalSteps" ? option : `${option}?`,
    )
    .join(", ")} })`;

  it.each(Object.entries(wrong))("refuse invalid values of %s, and set nothing", (option, values) => {
    for (const value of values) {
      const target = optimizer(1);
      const before = settings(target);
      const construct = () => make(target, { ...needs, [option]: value });
      const label = `${option} of ${Array.isArray(value) ? "a list" : String(value)}`;
      expect(construct, label).toThrow(new RegExp(`^${name}: ${option}(\\[\\d\\])? (must be|has 2 values)`));
      expect(settings(target)).toEqual(before);
      // A scheduler made later starts from the same rates.
      target.paramGroups[0]!.lr = 7;
      expect(new optim.ExponentialLR(target, { gamma: 1 }).baseLrs).toEqual([7]);
    }
  });

  it("are an object with the required ones and no unknown ones", () => {
    for (const options of [0.1, "x", [0.5], null, true]) {
      expect(() => make(optimizer(1), options)).toThrow(ArgumentError);
      expect(() => make(optimizer(1), options)).toThrow(
        `${name}: options must be an object of options, got `,
      );
    }
    expect(() => make(optimizer(1), 5)).toThrow(`got 5; ${usage}`);
    expect(() => make(optimizer(1), { ...needs, lastEpoch: 3 })).toThrow(
      `${name}: there is no option "lastEpoch"; options: ${Object.keys(wrong).join(", ")}`,
    );
    const [first] = Object.keys(needs);
    if (first !== undefined) {
      const rest = Object.fromEntries(Object.entries(needs).slice(1));
      expect(() => make(optimizer(1), rest)).toThrow(`${name}: ${first} must be `);
    }
  });

  it("come after an optimizer", () => {
    const params = [tensor([1])];
    for (const [target, got] of [
      [undefined, "nothing"],
      [null, "null"],
      [0.1, "0.1"],
      [{}, "an object"],
      [params, "an array of 1"],
      [optim.SGD, "a function"],
      [{ paramGroups: [{ lr: "1" }] }, "an object"],
      [{ paramGroups: [null] }, "an object"],
    ] as const) {
      expect(() => make(target, needs)).toThrow(ArgumentError);
      expect(() => make(target, needs)).toThrow(
        `${name}: optimizer must be an optimizer, whose groups have a finite lr, got ${got}; ${usage}`,
      );
    }
  });
});

it("suggest which option was meant", () => {
  expect(() => new optim.StepLR(optimizer(1), { step_size: 3 } as never)).toThrow(
    'StepLR: there is no option "step_size"; did you mean stepSize? options: stepSize, gamma',
  );
  expect(() => new optim.OneCycleLR(optimizer(1), { max_lr: 3 } as never)).toThrow("did you mean maxLr?");
  expect(() => new optim.StepLR(optimizer(1), 30 as never)).toThrow(
    "StepLR: options must be an object of options, got 30; call it as new StepLR(optimizer, { stepSize, gamma? })",
  );
});
