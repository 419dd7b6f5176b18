import { ArgumentError, ThalwegError } from "@thalweg/tensor";
import { describe, named, oneOf, recorder, type Signature } from "@thalweg/tensor/internal";
import { within } from "../options";
import { afterTheCall, checkScheduler, forEachGroup, type Schedulable } from "./scheduler";
import { count, finite, fitting, perGroup, rate, type SchedulerState, stateOf } from "./scheduler-state";

/** Options of {@link ReduceLROnPlateau}. */
export interface PlateauOptions {
  /** Whether the metric should fall or rise; "min" unless given. */
  readonly mode?: "min" | "max";
  /** The factor of the rate, below 1; 0.1 unless given. */
  readonly factor?: number;
  /** Epochs without improvement that are tolerated; 10 unless given. */
  readonly patience?: number;
  /** The change that counts as an improvement; 0.0001 unless given. */
  readonly threshold?: number;
  /** Whether that is relative to the best value's size, or absolute; "rel" unless given. */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction during which nothing is counted; 0 unless given. */
  readonly cooldown?: number;
  /** Lower limit of the rates, of all groups or of each; 0 unless given. */
  readonly minLr?: number | readonly number[];
  /** Smaller changes of the rate are not made; 1e-8 unless given. */
  readonly eps?: number;
}

const kinds = {
  mode: /* @__PURE__ */ oneOf("min", "max"),
  factor: /* @__PURE__ */ within({ min: 0, below: 1 }),
  patience: count,
  threshold: rate,
  thresholdMode: /* @__PURE__ */ oneOf("rel", "abs"),
  cooldown: count,
  minLr: /* @__PURE__ */ perGroup(rate),
  eps: rate,
};

const ranges: Signature = /* @__PURE__ */ Object.assign({}, kinds, {
  lastEpoch: count,
  best: finite,
  badEpochs: count,
  cooling: count,
  minLrs: rate,
});

/**
 * Lowers the rate when a metric has stopped improving: call `step(metric)` every epoch. NaN is not an improvement.
 *
 * A relative threshold is a share of the size of the best metric, so that a metric below 0, such as a
 * log-likelihood, has to improve by it, too. (In PyTorch a constant below 0 always counts as an improvement.)
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

  constructor(optimizer: Schedulable, options: PlateauOptions = {}) {
    checkScheduler("ReduceLROnPlateau", kinds, optimizer, options);
    const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel" } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    this.optimizer = optimizer;
    this.mode = mode;
    this.best = this.worst;
    this.factor = factor;
    this.patience = patience;
    this.threshold = threshold;
    this.thresholdMode = thresholdMode;
    this.cooldown = cooldown;
    this.minLrs = forEachGroup("ReduceLROnPlateau", "minLr", minLr, optimizer);
    this.eps = eps;
  }

  /**
   * Records the metric of an epoch, a number or a tensor of one element, and lowers the rates if it is time to.
   *
   * @throws ThalwegError when there is no metric, with nothing changed.
   */
  step(metric: number | { item(): number }): void {
    recorder?.read("ReduceLROnPlateau.step", afterTheCall);
    const { patience, cooldown, factor, minLrs, eps } = this;
    const value = numberOf(metric);
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

  /** The current rates, one for each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Everything but the optimizer, in values that survive JSON. */
  stateDict(): SchedulerState {
    return stateOf(this);
  }

  /** @throws ThalwegError that lists everything that does not fit, with nothing changed. */
  loadStateDict(state: SchedulerState): void {
    this.prepareLoad(state)();
  }

  /** The first half of {@link loadStateDict}; it returns the other half, which cannot fail. */
  prepareLoad(state: SchedulerState): () => void {
    const fit = fitting("ReduceLROnPlateau.loadStateDict", this.stateDict(), state, ranges);
    return () => {
      Object.assign(this, fit);
    };
  }

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

  /** The worst possible metric; finite, since JSON has no infinities. */
  private get worst(): number {
    return this.mode === "min" ? Number.MAX_VALUE : -Number.MAX_VALUE;
  }

  private improves(metric: number): boolean {
    const { best, mode, threshold, thresholdMode, worst } = this;
    const change = (mode === "min" ? -1 : 1) * (best === worst ? 0 : threshold);
    const bound = thresholdMode === "rel" ? best * (1 + change * Math.sign(best)) : best + change;
    return mode === "min" ? metric < bound : metric > bound;
  }
}

/** The number of a metric; throws if it has none. */
function numberOf(metric: unknown): number {
  const op = "ReduceLROnPlateau.step";
  const remedy = "call step(loss), with the metric to watch";
  if (metric === undefined) throw new ThalwegError(op, "step was called without a metric", remedy);
  const value = named(op, () => {
    const { item } = (metric ?? {}) as { readonly item?: unknown };
    return typeof item === "function" ? item.call(metric) : metric;
  });
  if (typeof value === "number") return value;
  throw new ArgumentError(
    op,
    `the metric must be a number or a tensor of one, got ${describe(metric)}`,
    remedy,
  );
}
