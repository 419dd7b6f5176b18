import { list, required } from "@thalweg/tensor/internal";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { count, rate } from "./scheduler-state";

/** Options of {@link MultiStepLR}. */
export interface MultiStepOptions {
  /** The epochs in which the rate changes, in any order. */
  readonly milestones: readonly number[];
  /** The factor at each of them; 0.1 unless given. */
  readonly gamma?: number;
}

const kinds = { milestones: /* @__PURE__ */ required(/* @__PURE__ */ list(count)), gamma: rate };

/**
 * Multiplies the rate by `gamma` at each milestone, twice at one that is named twice.
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

  constructor(optimizer: Schedulable, options: MultiStepOptions) {
    checkScheduler("MultiStepLR", kinds, optimizer, options);
    super(optimizer, "MultiStepLR");
    this.milestones = [...options.milestones];
    this.gamma = options.gamma ?? 0.1;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, milestones: count, gamma: rate };
  }

  protected override next(lr: number): number {
    const times = this.milestones.filter((epoch) => epoch === this.lastEpoch).length;
    return times === 0 ? lr : lr * this.gamma ** times;
  }
}
