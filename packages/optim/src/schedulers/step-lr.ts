import { checkPeriod, LRScheduler, type Schedulable } from "./scheduler";

/** Multiplies the rate by `gamma` every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  private readonly stepSize: number;
  private readonly gamma: number;

  constructor(
    optimizer: Schedulable,
    { stepSize, gamma = 0.1 }: { readonly stepSize: number; readonly gamma?: number },
  ) {
    super(optimizer);
    checkPeriod("StepLR", "stepSize", stepSize);
    this.stepSize = stepSize;
    this.gamma = gamma;
  }

  protected override next(lr: number): number {
    return this.lastEpoch % this.stepSize === 0 ? lr * this.gamma : lr;
  }
}
