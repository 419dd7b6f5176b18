import { ThalwegError } from "@thalweg/tensor";
import { boolean, oneOf, required } from "@thalweg/tensor/internal";
import {
  checkMomentum,
  checkScheduler,
  forEachGroup,
  LRScheduler,
  type Schedulable,
  setInitialRates,
} from "./scheduler";
import { finite, momentum, perGroup, period, positive, rate, share } from "./scheduler-state";

/** Options of {@link OneCycleLR}. */
export interface OneCycleOptions {
  /** The highest rate, of all groups or of each. */
  readonly maxLr: number | readonly number[];
  /** Steps of the whole cycle; `epochs * stepsPerEpoch` unless given. */
  readonly totalSteps?: number;
  /** Epochs of the whole cycle; required with `stepsPerEpoch` unless `totalSteps` is given. */
  readonly epochs?: number;
  /** Steps of an epoch; required with `epochs` unless `totalSteps` is given. */
  readonly stepsPerEpoch?: number;
  /** Share of the steps in which the rate rises; 0.3 unless given. */
  readonly pctStart?: number;
  /** Along half a cosine, or linearly; "cos" unless given. */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether momentum (or the first of betas) falls while the rate rises, and back; true unless given. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, of all groups or of each; 0.85 unless given. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, of all groups or of each; 0.95 unless given. */
  readonly maxMomentum?: number | readonly number[];
  /** The first rate is `maxLr/divFactor`; 25 unless given. */
  readonly divFactor?: number;
  /** The last rate is the first one divided by this; 10000 unless given. */
  readonly finalDivFactor?: number;
  /** Return to the first rate in as many steps before falling to the last; false unless given. */
  readonly threePhase?: boolean;
}

const annealStrategy = /* @__PURE__ */ oneOf("cos", "linear");
const kinds = {
  maxLr: /* @__PURE__ */ required(/* @__PURE__ */ perGroup(rate)),
  totalSteps: period,
  epochs: period,
  stepsPerEpoch: period,
  pctStart: share,
  annealStrategy,
  cycleMomentum: boolean,
  baseMomentum: /* @__PURE__ */ perGroup(momentum),
  maxMomentum: /* @__PURE__ */ perGroup(momentum),
  divFactor: positive,
  finalDivFactor: positive,
  threePhase: boolean,
};

/**
 * One rise of the rate to `maxLr` and one fall far below its start, while momentum does the opposite
 * (Smith and Topin, 2018): call `step()` after every batch, not after every epoch.
 *
 * @throws ThalwegError when `step` is called more than `totalSteps` times.
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1, momentum: 0.9 });
 * const scheduler = new OneCycleLR(optimizer, { maxLr: 0.5, totalSteps: 10 });
 * scheduler.getLastLr()[0]!.toFixed(4); // → "0.0200"
 * scheduler.step();
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.5]
 */
export class OneCycleLR extends LRScheduler {
  override readonly baseLrs: readonly number[];
  private readonly totalSteps: number;
  private readonly annealStrategy: "cos" | "linear";
  private readonly cycleMomentum: boolean;
  /** The step in which each phase ends. */
  private readonly ends: readonly number[];
  /** The rates between the phases, and then by group. */
  private readonly rates: readonly (readonly number[])[];
  private readonly momenta: readonly (readonly number[])[];

  constructor(optimizer: Schedulable, options: OneCycleOptions) {
    checkScheduler("OneCycleLR", kinds, optimizer, options);
    const { maxLr, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true } = options;
    const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = options;
    const totalSteps = stepsOf(options);
    if (cycleMomentum) checkMomentum("OneCycleLR", optimizer);
    const highest = forEachGroup("OneCycleLR", "maxLr", maxLr, optimizer);
    const low = forEachGroup("OneCycleLR", "baseMomentum", baseMomentum, optimizer);
    const high = forEachGroup("OneCycleLR", "maxMomentum", maxMomentum, optimizer);
    const first = highest.map((rate) => rate / divFactor);
    const last = first.map((rate) => rate / finalDivFactor);
    if (![...first, ...last].every(Number.isFinite)) {
      throw new ThalwegError(
        "OneCycleLR",
        `a rate is infinite, with divFactor ${divFactor} and finalDivFactor ${finalDivFactor}`,
        "make these larger",
      );
    }
    super(optimizer, "OneCycleLR");
    this.baseLrs = first;
    this.totalSteps = totalSteps;
    this.annealStrategy = annealStrategy;
    this.cycleMomentum = cycleMomentum;
    const peak = pctStart * totalSteps - 1;
    const isLong = options.threePhase === true;
    this.ends = isLong ? [peak, 2 * pctStart * totalSteps - 2, totalSteps - 1] : [peak, totalSteps - 1];
    this.rates = isLong ? [first, highest, first, last] : [first, highest, last];
    this.momenta = isLong ? [high, low, high, high] : [high, low, high];
    this.apply();
    setInitialRates(optimizer, first);
  }

  override step(): void {
    const { lastEpoch, totalSteps } = this;
    if (lastEpoch >= totalSteps) {
      throw new ThalwegError(
        "OneCycleLR.step",
        `step ${lastEpoch + 1} is after the end of the cycle, which has ${totalSteps} steps`,
        "make the cycle longer, or stop stepping",
      );
    }
    super.step();
  }

  /** @internal */
  protected override get ranges() {
    return {
      ...super.ranges,
      totalSteps: period,
      annealStrategy,
      ends: finite,
      rates: rate,
      momenta: momentum,
    };
  }

  protected override next(lr: number, _: number, group: number): number {
    return this.isLate(group) ? lr : this.between(this.rates, group);
  }

  protected override nextMomentum(group: number): number | undefined {
    return this.cycleMomentum && !this.isLate(group) ? this.between(this.momenta, group) : undefined;
  }

  /** A group's value in the current phase. */
  private between(values: readonly (readonly number[])[], group: number): number {
    const { ends, lastEpoch } = this;
    const found = ends.findIndex((end) => lastEpoch <= end);
    const phase = found === -1 ? ends.length - 1 : found;
    const start = phase === 0 ? 0 : ends[phase - 1]!;
    const length = ends[phase]! - start;
    // A phase without steps ends as it begins.
    const share = length > 0 ? (lastEpoch - start) / length : 1;
    const [from, to] = [values[phase]![group]!, values[phase + 1]![group]!];
    const value =
      this.annealStrategy === "cos"
        ? to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1)
        : (to - from) * Math.min(share, 1) + from;
    // Rounding may take a value of 0 below it, which no optimizer accepts.
    return Math.max(value, 0);
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (totalSteps !== undefined) return totalSteps;
  if (epochs !== undefined && stepsPerEpoch !== undefined) return epochs * stepsPerEpoch;
  throw new ThalwegError(
    "OneCycleLR",
    "the length of the cycle is missing",
    "give totalSteps, or epochs and stepsPerEpoch",
  );
}
