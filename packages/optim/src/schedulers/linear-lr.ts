import { ThalwegError } from "@thalweg/tensor";
import { checkPeriod, LRScheduler, type Schedulable } from "./scheduler";
import { period, type Ranges } from "./scheduler-state";

/** Options of {@link LinearLR}. */
export interface LinearOptions {
  /** What the rate is multiplied by at first; above 0 and at most 1, a third unless given. */
  readonly startFactor?: number;
  /** What it is multiplied by in the end; from 0 to 1, 1 unless given. */
  readonly endFactor?: number;
  /** Epochs from the one to the other; 5 unless given. */
  readonly totalIters?: number;
}

/**
 * Warms up, or cools down: the rate times a factor that goes from `startFactor` to `endFactor` in equal
 * differences.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 });
 * scheduler.getLastLr(); // → [0.5]
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.75]
 */
export class LinearLR extends LRScheduler {
  private readonly startFactor: number;
  private readonly endFactor: number;
  private readonly totalIters: number;

  constructor(
    optimizer: Schedulable,
    { startFactor = 1 / 3, endFactor = 1, totalIters = 5 }: LinearOptions = {},
  ) {
    super(optimizer);
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new ThalwegError("LinearLR", `startFactor is ${startFactor}`, "it must be above 0 and at most 1");
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new ThalwegError("LinearLR", `endFactor is ${endFactor}`, "it must be from 0 to 1");
    }
    checkPeriod("LinearLR", "totalIters", totalIters);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.apply();
  }

  protected override get ranges(): Ranges {
    return {
      ...super.ranges,
      startFactor: { min: 0, max: 1 },
      endFactor: { min: 0, max: 1 },
      totalIters: period,
    };
  }

  protected override next(lr: number): number {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return lr * startFactor;
    if (lastEpoch > totalIters) return lr;
    const rise = endFactor - startFactor;
    return lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise));
  }
}
