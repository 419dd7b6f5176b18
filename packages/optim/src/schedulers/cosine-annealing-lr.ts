import { required } from "@thalweg/tensor/internal";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { rate as aRate, period } from "./scheduler-state";

/** Options of {@link CosineAnnealingLR}. */
export interface CosineOptions {
  /** Epochs from the first rate down to the lowest. */
  readonly tMax: number;
  /** The lowest rate; 0 unless given. */
  readonly etaMin?: number;
}

const kinds = { tMax: /* @__PURE__ */ required(period), etaMin: aRate };

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

  constructor(optimizer: Schedulable, options: CosineOptions) {
    checkScheduler("CosineAnnealingLR", kinds, optimizer, options);
    super(optimizer, "CosineAnnealingLR");
    this.tMax = options.tMax;
    this.etaMin = options.etaMin ?? 0;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, ...kinds };
  }

  protected override next(lr: number, baseLr: number): number {
    const { tMax, etaMin, lastEpoch } = this;
    if (lastEpoch === 0) return lr;
    // Half of 1 + cos(π·epoch/tMax), in a form that does not lose digits near the bottom.
    const height = (epoch: number) => Math.cos((Math.PI * (epoch % (2 * tMax))) / (2 * tMax)) ** 2;
    // At the bottom the quotient below is 0/0.
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      return lr + (baseLr - etaMin) * Math.sin(Math.PI / (2 * tMax)) ** 2;
    }
    const rate = (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin;
    // Rounding may take a rate of 0 below it, which no optimizer accepts.
    return Math.max(rate, 0);
  }
}
