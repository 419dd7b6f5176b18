import { ThalwegError } from "@thalweg/tensor";
import { LRScheduler, type Schedulable } from "./scheduler";
import { count, finite, type Ranges } from "./scheduler-state";

/**
 * Multiplies the rate by `gamma` at each of some epochs; twice at one that is named twice.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new MultiStepLR(optimizer, { milestones: [1, 3], gamma: 0.5 });
 * for (let epoch = 0; epoch < 3; epoch++) scheduler.step();
 * scheduler.getLastLr(); // → [0.25]
 */
export class MultiStepLR extends LRScheduler {
  private readonly milestones: readonly number[];
  private readonly gamma: number;

  constructor(
    optimizer: Schedulable,
    { milestones, gamma = 0.1 }: { readonly milestones: readonly number[]; readonly gamma?: number },
  ) {
    super(optimizer);
    const wrong = milestones.find((epoch) => !Number.isInteger(epoch) || epoch < 0);
    if (wrong !== undefined) {
      throw new ThalwegError(
        "MultiStepLR",
        `a milestone is ${wrong}`,
        "each must be a whole number from 0 on",
      );
    }
    this.milestones = [...milestones];
    this.gamma = gamma;
    this.apply();
  }

  protected override get ranges(): Ranges {
    return { ...super.ranges, milestones: count, gamma: finite };
  }

  protected override next(lr: number): number {
    const times = this.milestones.filter((epoch) => epoch === this.lastEpoch).length;
    return times === 0 ? lr : lr * this.gamma ** times;
  }
}
