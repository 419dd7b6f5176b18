import { ThalwegError } from "@thalweg/tensor";
import { restore, type Schedulable, type SchedulerState } from "./scheduler";

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
  /** The rate does not fall below this. */
  readonly minLr?: number;
  /** Smaller changes of the rate are not made. */
  readonly eps?: number;
}

/** Lowers the rate when a metric has stopped improving: call `step(metric)` every epoch. */
export class ReduceLROnPlateau {
  readonly optimizer: Schedulable;
  private best: number;
  private badEpochs = 0;
  private cooling = 0;
  private readonly options: Required<PlateauOptions>;

  constructor(
    optimizer: Schedulable,
    {
      mode = "min",
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = "rel",
      cooldown = 0,
      minLr = 0,
      eps = 1e-8,
    }: PlateauOptions = {},
  ) {
    if (!(factor < 1)) {
      throw new ThalwegError("ReduceLROnPlateau", `factor is ${factor}`, "it must be below 1");
    }
    this.optimizer = optimizer;
    this.options = { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
    this.best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  private improves(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    const sign = mode === "min" ? -1 : 1;
    const bound = thresholdMode === "rel" ? this.best * (1 + sign * threshold) : this.best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }

  /** Notes the metric of an epoch, and lowers the rates if it is time to. */
  step(metric: number): void {
    const { patience, cooldown, factor, minLr, eps } = this.options;
    if (this.improves(metric)) {
      this.best = metric;
      this.badEpochs = 0;
    } else this.badEpochs++;
    if (this.cooling > 0) {
      this.cooling--;
      this.badEpochs = 0;
    }
    if (this.badEpochs <= patience) return;
    this.cooling = cooldown;
    this.badEpochs = 0;
    for (const group of this.optimizer.paramGroups) {
      const lr = Math.max(group.lr * factor, minLr);
      if (group.lr - lr > eps) group.lr = lr;
    }
  }

  /** The rates that are in force, one for each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  stateDict(): SchedulerState {
    const { best, badEpochs, cooling } = this;
    return { best, badEpochs, cooling };
  }

  /** @throws ThalwegError when the state was saved by another kind of scheduler. */
  loadStateDict(state: SchedulerState): void {
    const { best, badEpochs, cooling } = this;
    const own = { best, badEpochs, cooling };
    restore("ReduceLROnPlateau", own, state);
    Object.assign(this, own);
  }
}
