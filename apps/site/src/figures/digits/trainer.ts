import { Pace } from "@thalweg/terminal/pace";
import { Session, testCost } from "digits/session";
import { type Moment, type Reading, readTests, type Step, stepOf, training } from "digits/train";

export { Session };

/** A point of the loss curve: the mean over some steps. */
export interface LossPoint {
  /** When, in epochs. */
  readonly epoch: number;
  readonly loss: number;
}

/** What happened in a slice of training. */
export interface Slice {
  /** Where training is, in epochs; testing is a part of them. */
  readonly epoch: number;
  readonly losses: readonly LossPoint[];
  /** How the test images were read at the end of an epoch. */
  readonly readings: readonly Reading[] | undefined;
  /** Images a second, and the seconds that are left, once they are known. */
  readonly pace: { readonly rate: number; readonly left: number } | undefined;
  /** Whether the loss is not a number any more. */
  readonly isLost: boolean;
}

/** Points of the loss curve in an epoch. */
const pointsPerEpoch = 20;

/** Lets messages arrive. A timer would make every step wait. */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Trains a session in slices of time. */
export class Trainer {
  readonly session: Session;
  private readonly moments: AsyncGenerator<Moment>;
  private pace: Pace | undefined;
  /** The test images of this epoch that were read. */
  private tested = 0;
  /** Steps since the last point of the curve. */
  private steps: Step[] = [];

  constructor(session: Session) {
    this.session = session;
    this.moments = training(session, stepOf(session, true), Number.POSITIVE_INFINITY);
  }

  /** Trains for a while, at most until so many epochs are done, and ends where the session can be saved. */
  async advance(epochs: number, milliseconds: number): Promise<Slice> {
    const { session } = this;
    const losses: LossPoint[] = [];
    const start = performance.now();
    this.pace ??= new Pace(start, this.done);
    let readings: readonly Reading[] | undefined;
    let isLost = false;
    let isOver = session.epoch >= epochs;
    while (!isOver) {
      const moment: Moment = (await this.moments.next()).value;
      this.tested = moment.kind === "test" ? moment.images : 0;
      if (moment.kind === "step") {
        losses.push(...this.pointOf(moment.step));
        isLost = !Number.isFinite(moment.step.loss);
      }
      if (moment.kind === "epoch") readings = moment.readings;
      await turn();
      const isLate = moment.kind !== "test" && performance.now() - start > milliseconds;
      isOver = isLate || isLost || session.epoch >= epochs;
    }
    this.pace.add(performance.now(), this.done);
    const { rate, isKnown } = this.pace;
    const left = (epochs * session.perEpoch - this.done) / rate;
    const pace = isKnown && rate > 0 ? { rate, left } : undefined;
    return { epoch: this.epoch, losses, readings, pace, isLost };
  }

  /** Forgets how fast it was: time passes without training. */
  rest(): void {
    this.pace = undefined;
  }

  /** Reads the test images. */
  test(): Promise<Reading[]> {
    return readTests(this.session);
  }

  /** Where training is, in epochs. */
  get epoch(): number {
    return this.done / this.session.perEpoch;
  }

  private get done(): number {
    return this.session.done + testCost * this.tested;
  }

  /** The point of the curve that a step completes, if it does. */
  private pointOf(step: Step): LossPoint[] {
    this.steps.push(step);
    const { epoch, loader, sums, data } = this.session;
    const isLast = sums.images === data.train.length;
    if (this.steps.length < loader.length / pointsPerEpoch && !isLast) return [];
    const images = this.steps.reduce((sum, each) => sum + each.images, 0);
    const loss = this.steps.reduce((sum, each) => sum + each.loss, 0) / images;
    this.steps = [];
    return [{ epoch: epoch + sums.images / data.train.length, loss }];
  }
}
