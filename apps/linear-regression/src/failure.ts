import type { ThalwegError } from "thalweg";

/** The program was asked for something it cannot do. One line on stderr, exit code 2. */
export class UsageError extends Error {}

/** Training went the wrong way. One line on stderr, exit code 1. */
export class DivergenceError extends Error {
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

/** The user pressed Ctrl-C. One line on stderr, exit code 130. */
export class Interruption extends Error {}

/** What the library says is wrong, without the name of its function. */
export function complaint(error: ThalwegError): string {
  return error.message.replace(`${error.op}: `, "");
}
