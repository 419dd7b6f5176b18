import { ThalwegError } from "@thalweg/tensor";
import { LRScheduler, type Schedulable } from "./scheduler";
import { fitting, period, type Ranges, type SchedulerState } from "./scheduler-state";

/** Options of {@link SequentialLR}. */
export interface SequentialOptions {
  /** Of the same optimizer, in the order in which they are in force. */
  readonly schedulers: readonly LRScheduler[];
  /** Epochs in which the second, the third, ... takes over: one less than there are schedulers. */
  readonly milestones: readonly number[];
}

/**
 * One scheduler after another: each begins with its first epoch when its turn comes.
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

  constructor(optimizer: Schedulable, { schedulers, milestones }: SequentialOptions) {
    super(optimizer);
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
    const isRising = milestones.every(
      (epoch, i) => Number.isInteger(epoch) && epoch > (milestones[i - 1] ?? 0),
    );
    if (!isRising) {
      throw new ThalwegError(
        "SequentialLR",
        `the milestones are ${milestones.join(", ")}`,
        "they must be whole numbers from 1 on, each larger than the last",
      );
    }
    this.schedulers = [...schedulers];
    this.milestones = [...milestones];
    this.restart();
  }

  protected override next(lr: number): number {
    return lr;
  }

  protected override apply(): void {
    const { lastEpoch, milestones, schedulers } = this;
    const turn = milestones.filter((epoch) => epoch <= lastEpoch).length;
    const scheduler = schedulers[turn]!;
    if (lastEpoch === (milestones[turn - 1] ?? 0)) scheduler.restart();
    else scheduler.step();
  }

  override stateDict(): SchedulerState {
    const { baseLrs, lastEpoch, milestones } = this;
    const schedulers = this.schedulers.map((scheduler) => scheduler.stateDict());
    return { baseLrs: [...baseLrs], lastEpoch, milestones: [...milestones], schedulers };
  }

  protected override get ranges(): Ranges {
    return { ...super.ranges, milestones: period };
  }

  override prepareLoad(state: SchedulerState): () => void {
    const { schedulers, ...own } = fitting("SequentialLR", this.stateDict(), state, this.ranges);
    const states = schedulers as readonly SchedulerState[];
    const parts = this.schedulers.map((scheduler, i) => scheduler.prepareLoad(states[i]!));
    return () => {
      Object.assign(this, own);
      for (const load of parts) load();
    };
  }
}
