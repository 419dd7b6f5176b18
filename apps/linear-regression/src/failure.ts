import { Divergence } from "@thalweg/terminal";

/** The error for training that diverges, with a remedy. */
export class DivergenceError extends Divergence {
  readonly epoch: number;
  readonly loss: number;
  /** A learning rate that may work better. */
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
