import { within } from "../options";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { period, share } from "./scheduler-state";

/** Options of {@link LinearLR}. */
export interface LinearOptions {
  /** The factor of the rate at first; above 0 and at most 1; 1 / 3 unless given. */
  readonly startFactor?: number;
  /** The factor in the end; from 0 to 1; 1 unless given. */
  readonly endFactor?: number;
  /** Epochs between the two; 5 unless given. */
  readonly totalIters?: number;
}

const kinds = {
  startFactor: /* @__PURE__ */ within({ above: 0, max: 1 }),
  endFactor: share,
  totalIters: period,
};

/**
 * Warms up, or cools down: multiplies the rate by a factor that goes from `startFactor` to `endFactor` in equal
 * steps.
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

  constructor(optimizer: Schedulable, options: LinearOptions = {}) {
    checkScheduler("LinearLR", kinds, optimizer, options);
    super(optimizer, "LinearLR");
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, ...kinds };
  }

  protected override next(lr: number, baseLr: number): number {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return lr * startFactor;
    if (lastEpoch > totalIters) return lr;
    // A sum of non-negative terms: rounding could lose the difference of the factors.
    const height = (epoch: number) => startFactor * (totalIters - epoch) + endFactor * epoch;
    const rise = height(lastEpoch) / height(lastEpoch - 1);
    return Number.isFinite(rise) ? lr * rise : (baseLr * height(lastEpoch)) / totalIters;
  }
}
