import { checkPeriod, LRScheduler, type Schedulable } from "./scheduler";
import { finite, period, type Ranges } from "./scheduler-state";

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

  constructor(
    optimizer: Schedulable,
    { stepSize, gamma = 0.1 }: { readonly stepSize: number; readonly gamma?: number },
  ) {
    super(optimizer);
    checkPeriod("StepLR", "stepSize", stepSize);
    this.stepSize = stepSize;
    this.gamma = gamma;
  }

  protected override get ranges(): Ranges {
    return { ...super.ranges, stepSize: period, gamma: finite };
  }

  protected override next(lr: number): number {
    const { lastEpoch, stepSize, gamma } = this;
    return lastEpoch > 0 && lastEpoch % stepSize === 0 ? lr * gamma : lr;
  }
}
