import { ThalwegError } from "@thalweg/tensor";
import { required } from "@thalweg/tensor/internal";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { count, period, rate, share } from "./scheduler-state";

/** Options of {@link CosineWarmupLR}. */
export interface CosineWarmupOptions {
  /** Steps from the start to the full rate; fewer than `totalSteps`. */
  readonly warmupSteps: number;
  /** All steps: from there on the rate is `etaMin`. */
  readonly totalSteps: number;
  /** The factor of the rate in the first step; 0 unless given. */
  readonly startFactor?: number;
  /** The lowest rate; 0 unless given. */
  readonly etaMin?: number;
}

const kinds = {
  warmupSteps: /* @__PURE__ */ required(count),
  totalSteps: /* @__PURE__ */ required(period),
  startFactor: share,
  etaMin: rate,
};

/**
 * Rises in equal steps to the optimizer's rate, and falls along half a cosine to `etaMin`: what transformers are usually trained with.
 * Call `step()` after each step of the optimizer. PyTorch has no such class; it is a {@link LinearLR} and a {@link CosineAnnealingLR} in one,
 * computed from the first rates.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new CosineWarmupLR(optimizer, { warmupSteps: 2, totalSteps: 6 });
 * const rates = [0, 1, 2, 3, 4, 5, 6].map(() => {
 *   const [lr] = scheduler.getLastLr();
 *   scheduler.step();
 *   return lr!.toFixed(2);
 * });
 * rates.join(" "); // → "0.00 0.50 1.00 0.85 0.50 0.15 0.00"
 */
export class CosineWarmupLR extends LRScheduler {
  private readonly warmupSteps: number;
  private readonly totalSteps: number;
  private readonly startFactor: number;
  private readonly etaMin: number;

  /** @throws ThalwegError when the warmup is not shorter than all steps. */
  constructor(optimizer: Schedulable, options: CosineWarmupOptions) {
    checkScheduler("CosineWarmupLR", kinds, optimizer, options);
    const { warmupSteps, totalSteps, startFactor = 0, etaMin = 0 } = options;
    if (warmupSteps >= totalSteps) {
      throw new ThalwegError(
        "CosineWarmupLR",
        `the warmup has ${warmupSteps} of ${totalSteps} steps`,
        "leave some for the cosine",
      );
    }
    super(optimizer, "CosineWarmupLR");
    this.warmupSteps = warmupSteps;
    this.totalSteps = totalSteps;
    this.startFactor = startFactor;
    this.etaMin = etaMin;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, ...kinds };
  }

  protected override next(lr: number, baseLr: number, group: number): number {
    const { warmupSteps, totalSteps, startFactor, etaMin, lastEpoch } = this;
    if (this.isLate(group)) return lr;
    if (lastEpoch < warmupSteps) {
      return baseLr * (startFactor + ((1 - startFactor) * lastEpoch) / warmupSteps);
    }
    const left = Math.max(0, totalSteps - lastEpoch) / (totalSteps - warmupSteps);
    return etaMin + (baseLr - etaMin) * Math.sin((Math.PI / 2) * left) ** 2;
  }
}
