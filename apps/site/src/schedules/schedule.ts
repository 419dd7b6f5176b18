import {
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LinearLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type Schedulable,
  SequentialLR,
  StepLR,
} from "thalweg";
import type { ScheduleName } from "./names";

/** Changes the rate of an optimizer, after every step. */
export interface Schedule {
  step(loss: number): void;
}

type Stepping = { step(): void };
const withoutLoss = (scheduler: Stepping): Schedule => ({ step: () => scheduler.step() });

/** How each schedule is made, for a walk of a number of steps that begins with a rate, or has it as its highest. */
const makers: Readonly<
  Record<ScheduleName, (optimizer: Schedulable, rate: number, steps: number) => Schedule>
> = {
  constant: () => ({ step() {} }),
  step: (optimizer, _, steps) =>
    withoutLoss(new StepLR(optimizer, { stepSize: Math.ceil(steps / 4), gamma: 0.3 })),
  exponential: (optimizer, _, steps) =>
    withoutLoss(new ExponentialLR(optimizer, { gamma: 0.01 ** (1 / steps) })),
  cosine: (optimizer, _, steps) => withoutLoss(new CosineAnnealingLR(optimizer, { tMax: steps })),
  warmup(optimizer, _, steps) {
    const warm = Math.ceil(steps / 10);
    const schedulers = [
      new LinearLR(optimizer, { startFactor: 0.05, totalIters: warm }),
      new CosineAnnealingLR(optimizer, { tMax: steps - warm }),
    ];
    return withoutLoss(new SequentialLR(optimizer, { schedulers, milestones: [warm] }));
  },
  restarts: (optimizer, _, steps) =>
    withoutLoss(new CosineAnnealingWarmRestarts(optimizer, { t0: Math.ceil(steps / 4) })),
  oneCycle: (optimizer, rate, steps) =>
    withoutLoss(new OneCycleLR(optimizer, { maxLr: rate, totalSteps: steps + 1, cycleMomentum: false })),
  cyclic: (optimizer, rate, steps) =>
    withoutLoss(
      new CyclicLR(optimizer, {
        baseLr: rate / 10,
        maxLr: rate,
        stepSizeUp: Math.ceil(steps / 8),
        mode: "triangular2",
        cycleMomentum: false,
      }),
    ),
  plateau: (optimizer) => new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 8 }),
};

/** Puts a schedule on an optimizer, whose rate it may change at once. */
export function schedule(name: ScheduleName, optimizer: Schedulable, rate: number, steps: number): Schedule {
  return makers[name](optimizer, rate, steps);
}
