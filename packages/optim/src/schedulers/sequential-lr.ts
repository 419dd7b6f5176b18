import { ThalwegError } from "@thalweg/tensor";
import { kind, list, named, required } from "@thalweg/tensor/internal";
import { checkScheduler, LRScheduler, type Schedulable } from "./scheduler";
import { fitting, period, type SchedulerState } from "./scheduler-state";

/** Options of {@link SequentialLR}. */
export interface SequentialOptions {
  /** Schedulers of the same optimizer, in the order in which they run. */
  readonly schedulers: readonly LRScheduler[];
  /** Epochs in which the second, the third, ... takes over: one less than there are schedulers. */
  readonly milestones: readonly number[];
}

const aScheduler = /* @__PURE__ */ kind("a scheduler", (value) => value instanceof LRScheduler);
const kinds = {
  schedulers: /* @__PURE__ */ required(/* @__PURE__ */ list(aScheduler)),
  milestones: /* @__PURE__ */ required(/* @__PURE__ */ list(period)),
};

/**
 * One scheduler after another: each starts at its first epoch when its turn comes.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const warmup = new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 });
 * const decay = new ExponentialLR(optimizer, { gamma: 0.5 });
 * const scheduler = new SequentialLR(optimizer, { schedulers: [warmup, decay], milestones: [2] });
 * const rates = [0, 1, 2, 3].map(() => {
 *   const [lr] = scheduler.getLastLr();
 *   scheduler.step();
 *   return lr;
 * });
 * rates; // → [0.5,0.75,1,0.5]
 */
export class SequentialLR extends LRScheduler {
  private readonly schedulers: readonly LRScheduler[];
  private readonly milestones: readonly number[];

  constructor(optimizer: Schedulable, options: SequentialOptions) {
    checkScheduler("SequentialLR", kinds, optimizer, options);
    const { schedulers, milestones } = options;
    if (schedulers.length === 0 || milestones.length !== schedulers.length - 1) {
      throw new ThalwegError(
        "SequentialLR",
        `there are ${schedulers.length} schedulers and ${milestones.length} milestones`,
        "give one milestone less than schedulers, and one scheduler at least",
      );
    }
    if (schedulers.some((scheduler) => scheduler.optimizer !== optimizer)) {
      throw new ThalwegError(
        "SequentialLR",
        "a scheduler belongs to another optimizer",
        "make all of them for this one",
      );
    }
    if (milestones.some((epoch, i) => epoch <= (milestones[i - 1] ?? 0))) {
      throw new ThalwegError(
        "SequentialLR",
        `the milestones are ${milestones.join(", ")}`,
        "each must be larger than the last",
      );
    }
    super(optimizer, "SequentialLR");
    this.schedulers = [...schedulers];
    this.milestones = [...milestones];
    this.apply();
  }

  protected override next(lr: number): number {
    return lr;
  }

  protected override apply(op = "SequentialLR"): void {
    const { lastEpoch, milestones, schedulers } = this;
    const turn = milestones.filter((epoch) => epoch <= lastEpoch).length;
    const scheduler = schedulers[turn]!;
    const isNew = lastEpoch === (milestones[turn - 1] ?? 0);
    named(op, () => (isNew ? scheduler.restart() : scheduler.step()));
  }

  override stateDict(): SchedulerState {
    const { baseLrs, lastEpoch, milestones } = this;
    const schedulers = this.schedulers.map((scheduler) => scheduler.stateDict());
    return { baseLrs: [...baseLrs], lastEpoch, milestones: [...milestones], schedulers };
  }

  /** @internal */
  protected override get ranges() {
    return { ...super.ranges, milestones: period };
  }

  override prepareLoad(state: SchedulerState): () => void {
    const op = "SequentialLR.loadStateDict";
    const { schedulers, ...own } = fitting(op, this.stateDict(), state, this.ranges);
    const states = schedulers as readonly SchedulerState[];
    const parts = this.schedulers.map((scheduler, i) => named(op, () => scheduler.prepareLoad(states[i]!)));
    return () => {
      Object.assign(this, own);
      for (const load of parts) load();
    };
  }
}
