import { forEachGroup, LRScheduler, type Schedulable } from "./scheduler";

/** What the first rate is multiplied by, in an epoch. */
export type LRLambda = (epoch: number) => number;

/**
 * The first rate times a function of the epoch: one function, or one for each group. The functions are not
 * part of the state dict.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 0.5 });
 * const scheduler = new LambdaLR(optimizer, { lrLambda: (epoch) => 1 / (1 + epoch) });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.25]
 */
export class LambdaLR extends LRScheduler {
  private readonly lrLambda: (epoch: number, group: number) => number;

  constructor(optimizer: Schedulable, { lrLambda }: { readonly lrLambda: LRLambda | readonly LRLambda[] }) {
    super(optimizer);
    const each = forEachGroup("LambdaLR", "lrLambda", lrLambda, optimizer);
    this.lrLambda = (epoch, group) => each[group]!(epoch);
    this.apply();
  }

  protected override next(lr: number, baseLr: number, group: number): number {
    return this.isLate(group) ? lr : baseLr * this.lrLambda(this.lastEpoch, group);
  }
}
