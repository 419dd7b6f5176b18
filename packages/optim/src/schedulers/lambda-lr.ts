import { callback, required } from "@thalweg/tensor/internal";
import { checkScheduler, forEachGroup, LRScheduler, numberOf, type Schedulable } from "./scheduler";
import { perGroup } from "./scheduler-state";

/** A factor of the first rate, by epoch. */
export type LRLambda = (epoch: number) => number;

/** Options of {@link LambdaLR}. */
export interface LambdaOptions {
  /** Factors of the first rates: one function for all groups, or one for each. */
  readonly lrLambda: LRLambda | readonly LRLambda[];
}

const kinds = { lrLambda: /* @__PURE__ */ required(/* @__PURE__ */ perGroup(callback)) };

/**
 * The first rate times a function of the epoch: one function, or one for each group. The functions are not
 * part of the state dict.
 *
 * @throws ThalwegError when a function does not return a finite number, with nothing changed.
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 0.5 });
 * const scheduler = new LambdaLR(optimizer, { lrLambda: (epoch) => 1 / (1 + epoch) });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.25]
 */
export class LambdaLR extends LRScheduler {
  private readonly lrLambda: (epoch: number, group: number) => number;

  constructor(optimizer: Schedulable, options: LambdaOptions) {
    checkScheduler("LambdaLR", kinds, optimizer, options);
    const each = forEachGroup("LambdaLR", "lrLambda", options.lrLambda, optimizer);
    super(optimizer, "LambdaLR");
    this.lrLambda = (epoch, group) => numberOf(each[group]!(epoch));
    this.apply();
  }

  protected override next(lr: number, baseLr: number, group: number): number {
    return this.isLate(group) ? lr : baseLr * this.lrLambda(this.lastEpoch, group);
  }
}
