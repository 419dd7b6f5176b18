import { LRScheduler, type Schedulable } from "./scheduler";
import { finite, type Ranges } from "./scheduler-state";

/**
 * Multiplies the rate by `gamma` every epoch.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new ExponentialLR(optimizer, { gamma: 0.5 });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.5]
 */
export class ExponentialLR extends LRScheduler {
  private readonly gamma: number;

  constructor(optimizer: Schedulable, { gamma }: { readonly gamma: number }) {
    super(optimizer);
    this.gamma = gamma;
  }

  protected override get ranges(): Ranges {
    return { ...super.ranges, gamma: finite };
  }

  protected override next(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma;
  }
}
