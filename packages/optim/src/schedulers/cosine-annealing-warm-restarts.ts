import { ThalwegError } from "@thalweg/tensor";
import { checkPeriod, LRScheduler, type Schedulable } from "./scheduler";
import { finite, period, type Ranges } from "./scheduler-state";

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface WarmRestartsOptions {
  /** Epochs until the first restart. */
  readonly t0: number;
  /** How many times longer each period is than the one before; 1 unless given. */
  readonly tMult?: number;
  /** The lowest rate; 0 unless given. */
  readonly etaMin?: number;
}

/**
 * Half a cosine from the first rate down to `etaMin`, and at once up again (Loshchilov and Hutter, 2017).
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new CosineAnnealingWarmRestarts(optimizer, { t0: 2 });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.5]
 * scheduler.step();
 * scheduler.getLastLr(); // → [1]
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  private readonly t0: number;
  private readonly tMult: number;
  private readonly etaMin: number;
  /** Epochs since the last restart. */
  private tCur = 0;
  /** Epochs from there to the next. */
  private tI: number;

  constructor(optimizer: Schedulable, { t0, tMult = 1, etaMin = 0 }: WarmRestartsOptions) {
    super(optimizer);
    checkPeriod("CosineAnnealingWarmRestarts", "t0", t0);
    checkPeriod("CosineAnnealingWarmRestarts", "tMult", tMult);
    this.t0 = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.tI = t0;
    this.apply();
  }

  protected override get ranges(): Ranges {
    return { ...super.ranges, t0: period, tMult: period, etaMin: finite, tCur: { min: 0 }, tI: period };
  }

  protected override next(lr: number, baseLr: number, group: number): number {
    if (this.isLate(group)) return lr;
    const { etaMin, tCur, tI } = this;
    return etaMin + ((baseLr - etaMin) * (1 + Math.cos((Math.PI * tCur) / tI))) / 2;
  }

  /**
   * Goes on to the next epoch, or to the one that is given, which may have a fraction: `epoch + i/batches`.
   *
   * @throws ThalwegError when the epoch is below 0.
   */
  override step(epoch?: number): void {
    if (epoch === undefined) {
      this.lastEpoch++;
      this.enter(this.tCur + 1, this.tI);
    } else {
      if (!(epoch >= 0 && Number.isFinite(epoch))) {
        throw new ThalwegError(
          "CosineAnnealingWarmRestarts",
          `the epoch is ${epoch}`,
          "it must be 0 or more",
        );
      }
      this.lastEpoch = Math.floor(epoch);
      this.enter(epoch, this.t0);
    }
    this.apply();
  }

  override restart(): void {
    this.enter(0, this.t0);
    super.restart();
  }

  /** So many epochs after a restart, in a period of a length or in one that follows. */
  private enter(tCur: number, tI: number): void {
    if (this.tMult === 1) tCur %= tI;
    while (tCur >= tI) {
      tCur -= tI;
      tI *= this.tMult;
    }
    this.tCur = tCur;
    this.tI = tI;
  }
}
