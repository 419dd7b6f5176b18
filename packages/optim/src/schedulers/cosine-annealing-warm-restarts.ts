import { checkArguments, optional, required } from "@thalweg/tensor/internal";
import { within } from "../options";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { period, rate } from "./scheduler-state";

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface WarmRestartsOptions {
  /** Epochs until the first restart. */
  readonly t0: number;
  /** The length of each period in multiples of the one before; 1 unless given. */
  readonly tMult?: number;
  /** The lowest rate; 0 unless given. */
  readonly etaMin?: number;
}

const kinds = { t0: /* @__PURE__ */ required(period), tMult: period, etaMin: rate };
const anEpoch = /* @__PURE__ */ optional(/* @__PURE__ */ within({ min: 0, max: 9007199254740991 }));

/**
 * Half a cosine from the first rate down to `etaMin`, then at once back up (Loshchilov and Hutter, 2017).
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

  constructor(optimizer: Schedulable, options: WarmRestartsOptions) {
    checkScheduler("CosineAnnealingWarmRestarts", kinds, optimizer, options);
    super(optimizer, "CosineAnnealingWarmRestarts");
    const { t0, tMult = 1, etaMin = 0 } = options;
    this.t0 = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.tI = t0;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, ...kinds, tCur: rate, tI: period };
  }

  protected override next(lr: number, baseLr: number, group: number): number {
    if (this.isLate(group)) return lr;
    const { etaMin, tCur, tI } = this;
    return etaMin + ((baseLr - etaMin) * (1 + Math.cos((Math.PI * tCur) / tI))) / 2;
  }

  /**
   * Goes on to the next epoch unless `epoch` is given, which may have a fraction: `epoch + i/batches`.
   *
   * @throws ArgumentError when the epoch is below 0.
   */
  override step(epoch?: number): void {
    checkArguments("CosineAnnealingWarmRestarts.step", { epoch: anEpoch }, [epoch]);
    const fields =
      epoch === undefined
        ? { lastEpoch: this.lastEpoch + 1, ...this.after(this.tCur + 1, this.tI) }
        : { lastEpoch: Math.floor(epoch), ...this.after(epoch, this.t0) };
    this.change("step", fields);
  }

  override restart(): void {
    this.change("restart", { lastEpoch: 0, ...this.after(0, this.t0) }, this.firstRates());
  }

  /** The state so many epochs after a restart, in a period of the given length or a later one. */
  private after(tCur: number, tI: number): { tCur: number; tI: number } {
    if (this.tMult === 1) tCur %= tI;
    while (tCur >= tI) {
      tCur -= tI;
      tI *= this.tMult;
    }
    return { tCur, tI };
  }
}
