import { checkPeriod, LRScheduler, type Schedulable } from "./scheduler";
import { finite, period, type Ranges } from "./scheduler-state";

/**
 * Half a cosine from the first rate down to `etaMin` within `tMax` epochs, and up again after that
 * (Loshchilov and Hutter, 2017, without the restarts).
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new CosineAnnealingLR(optimizer, { tMax: 2, etaMin: 0.5 });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.75]
 */
export class CosineAnnealingLR extends LRScheduler {
  private readonly tMax: number;
  private readonly etaMin: number;

  constructor(
    optimizer: Schedulable,
    { tMax, etaMin = 0 }: { readonly tMax: number; readonly etaMin?: number },
  ) {
    super(optimizer);
    checkPeriod("CosineAnnealingLR", "tMax", tMax);
    this.tMax = tMax;
    this.etaMin = etaMin;
  }

  protected override get ranges(): Ranges {
    return { ...super.ranges, tMax: period, etaMin: finite };
  }

  protected override next(lr: number, baseLr: number): number {
    const { tMax, etaMin, lastEpoch } = this;
    if (lastEpoch === 0) return lr;
    const height = (epoch: number) => 1 + Math.cos((Math.PI * epoch) / tMax);
    // At the bottom the quotient below is 0/0.
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      return lr + ((baseLr - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    }
    return (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin;
  }
}
