import { required } from "@thalweg/tensor/internal";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { rate } from "./scheduler-state";

/** Options of {@link ExponentialLR}. */
export interface ExponentialOptions {
  /** The factor of the rate at every epoch. */
  readonly gamma: number;
}

const kinds = { gamma: /* @__PURE__ */ required(rate) };

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

  constructor(optimizer: Schedulable, options: ExponentialOptions) {
    checkScheduler("ExponentialLR", kinds, optimizer, options);
    super(optimizer, "ExponentialLR");
    this.gamma = options.gamma;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, ...kinds };
  }

  protected override next(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma;
  }
}
