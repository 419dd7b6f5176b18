import { required } from "@thalweg/tensor/internal";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { period, rate } from "./scheduler-state";

/** Options of {@link StepLR}. */
export interface StepOptions {
  /** Epochs from one change to the next. */
  readonly stepSize: number;
  /** The factor of the rate; 0.1 unless given. */
  readonly gamma?: number;
}

const kinds = { stepSize: /* @__PURE__ */ required(period), gamma: rate };

/**
 * Multiplies the rate by `gamma` every `stepSize` epochs.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
 * for (let epoch = 0; epoch < 5; epoch++) scheduler.step();
 * scheduler.getLastLr(); // → [0.25]
 */
export class StepLR extends LRScheduler {
  private readonly stepSize: number;
  private readonly gamma: number;

  constructor(optimizer: Schedulable, options: StepOptions) {
    checkScheduler("StepLR", kinds, optimizer, options);
    super(optimizer, "StepLR");
    this.stepSize = options.stepSize;
    this.gamma = options.gamma ?? 0.1;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, ...kinds };
  }

  protected override next(lr: number): number {
    const { lastEpoch, stepSize, gamma } = this;
    return lastEpoch > 0 && lastEpoch % stepSize === 0 ? lr * gamma : lr;
  }
}
