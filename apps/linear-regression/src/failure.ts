import { Divergence } from "@thalweg/terminal";

/** Training went the wrong way, and what may help. */
export class DivergenceError extends Divergence {
  readonly epoch: number;
  readonly loss: number;
  /** A learning rate that may do better. */
  readonly suggestedLr: number;

  constructor(epoch: number, loss: number, start: number, lr: number) {
    const suggestedLr = Number((lr / 10).toPrecision(6));
    const became = Number.isFinite(loss)
      ? `${loss.toPrecision(3)}, after ${start.toPrecision(3)} at the start`
      : `${loss}`;
    super(
      `training diverged: in epoch ${epoch} the loss is ${became}; try a smaller rate: --lr ${suggestedLr}`,
    );
    this.epoch = epoch;
    this.loss = loss;
    this.suggestedLr = suggestedLr;
  }
}
