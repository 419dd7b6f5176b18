import { LRScheduler, type Schedulable } from "./scheduler";

/** Multiplies the rate by `gamma` every epoch. */
export class ExponentialLR extends LRScheduler {
  private readonly gamma: number;

  constructor(optimizer: Schedulable, { gamma }: { readonly gamma: number }) {
    super(optimizer);
    this.gamma = gamma;
  }

  protected override next(lr: number): number {
    return lr * this.gamma;
  }
}
