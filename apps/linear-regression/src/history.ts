import { DivergenceError } from "./failure";
import type { Fit } from "./problem";
import type { Step } from "./step";

/** The results of an epoch. */
export interface Epoch {
  readonly epoch: number;
  /** Mean squared error over all rows, each measured before its update. */
  readonly loss: number;
  /** The model's parameters after the epoch. */
  readonly parameters: Fit;
}

/** A loss this many times that of predicting 0 is diverging. */
const explosion = 1e4;
/** At the end, a loss this many times that of predicting 0 means that it only rose. */
const worse = 2;

/** Combines steps into epochs, and detects divergence. */
export class History {
  /** All epochs, if `keep` is set. */
  readonly epochs: Epoch[] = [];
  /** Losses of all epochs. */
  readonly losses: number[] = [];
  /** The last completed epoch. */
  last: Epoch | null = null;
  private readonly keep: boolean;
  private readonly rows: number;
  private readonly total: number;
  private readonly start: number;
  private readonly lr: number;
  private seen = 0;
  private sum = 0;

  /**
   * @param rows number of rows in an epoch
   * @param total number of epochs to come
   * @param start loss of the model that predicts 0
   * @param keep whether to remember more than the losses
   */
  constructor(rows: number, total: number, start: number, lr: number, keep: boolean) {
    this.keep = keep;
    this.rows = rows;
    this.total = total;
    this.start = start;
    this.lr = lr;
  }

  /** The epoch, if the step completes one. @throws DivergenceError */
  add(step: Step): Epoch | null {
    const epoch = this.losses.length + 1;
    if (!Number.isFinite(step.loss)) throw this.diverged(epoch, step.loss);
    this.seen += step.rows;
    this.sum += step.loss * step.rows;
    if (this.seen < this.rows) return null;
    const done = { epoch, loss: this.sum / this.rows, parameters: parametersOf(step) };
    this.seen = 0;
    this.sum = 0;
    const limit = epoch === this.total ? worse : explosion;
    const { coefficients, intercept } = done.parameters;
    const finite = [...coefficients, intercept].every(Number.isFinite);
    if (!finite) throw this.diverged(epoch, Number.NaN);
    if (done.loss > limit * this.start) throw this.diverged(epoch, done.loss);
    this.losses.push(done.loss);
    this.last = done;
    if (this.keep) this.epochs.push(done);
    return done;
  }

  private diverged(epoch: number, loss: number): DivergenceError {
    return new DivergenceError(epoch, loss, this.start, this.lr);
  }
}

function parametersOf({ w, b }: Step): Fit {
  return { coefficients: [...w.dataSync()], intercept: b.item() };
}
