import { ThalwegError } from "@thalweg/tensor";
import { checkChoice, forEachGroup, type Schedulable } from "./scheduler";
import { count, finite, fitting, type Ranges, type SchedulerState, stateOf } from "./scheduler-state";

/** Options of {@link ReduceLROnPlateau}. */
export interface PlateauOptions {
  /** Whether the metric is to fall or to rise. */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by; below 1. */
  readonly factor?: number;
  /** Epochs without improvement that are put up with. */
  readonly patience?: number;
  /** How much counts as an improvement. */
  readonly threshold?: number;
  /** Whether that is a share of the best value or a difference. */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction during which nothing is counted. */
  readonly cooldown?: number;
  /** Rates do not fall below this, of all groups or of each. */
  readonly minLr?: number | readonly number[];
  /** Smaller changes of the rate are not made. */
  readonly eps?: number;
}

const ranges: Ranges = {
  lastEpoch: count,
  best: finite,
  badEpochs: count,
  cooling: { min: 0 },
  mode: ["min", "max"],
  factor: { below: 1 },
  threshold: finite,
  thresholdMode: ["rel", "abs"],
  minLrs: finite,
  eps: finite,
};

/**
 * Lowers the rate when a metric has stopped improving: call `step(metric)` every epoch.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5 });
 * for (const loss of [3, 2, 2, 2]) scheduler.step(loss);
 * scheduler.getLastLr(); // → [0.5]
 */
export class ReduceLROnPlateau {
  readonly optimizer: Schedulable;
  /** Number of steps so far. */
  lastEpoch = 0;
  private best: number;
  private badEpochs = 0;
  private cooling = 0;
  private readonly mode: "min" | "max";
  private readonly factor: number;
  private readonly patience: number;
  private readonly threshold: number;
  private readonly thresholdMode: "rel" | "abs";
  private readonly cooldown: number;
  private readonly minLrs: readonly number[];
  private readonly eps: number;

  constructor(optimizer: Schedulable, options: PlateauOptions = {}) {
    const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel" } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    if (!(factor < 1)) {
      throw new ThalwegError("ReduceLROnPlateau", `factor is ${factor}`, "it must be below 1");
    }
    checkChoice("ReduceLROnPlateau", "mode", mode, ["min", "max"]);
    checkChoice("ReduceLROnPlateau", "thresholdMode", thresholdMode, ["rel", "abs"]);
    this.optimizer = optimizer;
    this.mode = mode;
    // The worst there is, but for an infinity, which JSON does not hold.
    this.best = mode === "min" ? Number.MAX_VALUE : -Number.MAX_VALUE;
    this.factor = factor;
    this.patience = patience;
    this.threshold = threshold;
    this.thresholdMode = thresholdMode;
    this.cooldown = cooldown;
    this.minLrs = forEachGroup("ReduceLROnPlateau", "minLr", minLr, optimizer);
    this.eps = eps;
  }

  private improves(metric: number): boolean {
    const { best, mode, threshold, thresholdMode } = this;
    const sign = mode === "min" ? -1 : 1;
    const bound = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }

  /**
   * Notes the metric of an epoch, a number or a tensor of one, and lowers the rates if it is time to.
   *
   * @throws ThalwegError when there is no metric.
   */
  step(metric: number | { item(): number }): void {
    const { patience, cooldown, factor, minLrs, eps } = this;
    const value = typeof metric === "number" ? metric : metric?.item();
    if (value === undefined) {
      throw new ThalwegError(
        "ReduceLROnPlateau",
        "step was called without a metric",
        "call step(loss), with what is to be watched",
      );
    }
    this.lastEpoch++;
    if (this.improves(value)) {
      this.best = Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE));
      this.badEpochs = 0;
    } else this.badEpochs++;
    if (this.cooling > 0) {
      this.cooling--;
      this.badEpochs = 0;
    }
    if (this.badEpochs <= patience) return;
    this.cooling = cooldown;
    this.badEpochs = 0;
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * factor, minLrs[i] ?? 0);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }

  /** The rates that are in force, one for each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Everything but the optimizer, in values that JSON holds. */
  stateDict(): SchedulerState {
    return stateOf(this);
  }

  /** @throws ThalwegError when the state does not fit; it lists everything that does not, and nothing is changed. */
  loadStateDict(state: SchedulerState): void {
    this.prepareLoad(state)();
  }

  /** The first half of {@link loadStateDict}; what it returns is the other half, and cannot fail. */
  prepareLoad(state: SchedulerState): () => void {
    const fit = fitting("ReduceLROnPlateau", this.stateDict(), state, ranges);
    return () => {
      Object.assign(this, fit);
    };
  }
}
