import type { Module, StateDict } from "@thalweg/nn";
import { copyOf } from "@thalweg/tensor/internal";

/** Which epoch was the best, and since when. */
export interface BestEpoch {
  /** Number of the epoch, from 1 on. */
  readonly epoch: number;
  /** What was monitored in it. */
  readonly value: number;
}

/** What a saved run knows of its best epoch. */
export interface BestState {
  readonly best: BestEpoch | null;
  /** Epochs since the last improvement. */
  readonly waited: number;
  readonly weights: StateDict | null;
}

/** Options of what counts as an improvement. */
export interface BestOptions {
  readonly mode: "min" | "max";
  readonly minDelta: number;
  /** Whether the weights of the best epoch are kept. */
  readonly keepWeights: boolean;
}

/** Remembers the best epoch, and its weights if they are wanted again. */
export class Best {
  private state: BestState = { best: null, waited: 0, weights: null };
  private readonly options: BestOptions;

  constructor(options: BestOptions) {
    this.options = options;
  }

  get best(): BestEpoch | null {
    return this.state.best;
  }

  get waited(): number {
    return this.state.waited;
  }

  /** Whether an epoch is better than all before; NaN is not. */
  add(epoch: number, value: number, model: Module): boolean {
    const { best } = this.state;
    const { mode, minDelta, keepWeights } = this.options;
    const gain = best === null ? Number.POSITIVE_INFINITY : (mode === "min" ? -1 : 1) * (value - best.value);
    const isBetter = !Number.isNaN(value) && gain > minDelta;
    if (isBetter) {
      this.state = { best: { epoch, value }, waited: 0, weights: keepWeights ? copied(model) : null };
    } else this.state = { ...this.state, waited: this.state.waited + 1 };
    return isBetter;
  }

  /** Gives the model the weights of the best epoch, if there are any. */
  restore(model: Module): void {
    if (this.state.weights !== null) model.loadStateDict(this.state.weights);
  }

  stateDict(): BestState {
    return { ...this.state };
  }

  load(state: BestState): void {
    this.state = state;
  }
}

/** The state of a model, in memory of its own. */
export const copied = (model: Module): StateDict =>
  Object.fromEntries(Object.entries(model.stateDict()).map(([name, x]) => [name, copyOf(x)]));
