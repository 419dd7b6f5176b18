import { ThalwegError } from "@thalweg/tensor";
import {
  checkChoice,
  checkMomentum,
  checkPeriod,
  forEachGroup,
  LRScheduler,
  type Schedulable,
  setInitialRates,
  setMomentum,
} from "./scheduler";
import { finite, period, type Ranges } from "./scheduler-state";

/** Options of {@link OneCycleLR}. */
export interface OneCycleOptions {
  /** The highest rate, of all groups or of each. */
  readonly maxLr: number | readonly number[];
  /** Steps of the whole cycle. */
  readonly totalSteps?: number;
  /** Together with `stepsPerEpoch`, in place of `totalSteps`. */
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Share of the steps in which the rate rises; 0.3 unless given. */
  readonly pctStart?: number;
  /** Along half a cosine, or a line; `"cos"` unless given. */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether momentum (or the first of betas) falls while the rate rises, and back; true unless given. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, of all groups or of each; 0.85 unless given. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, of all groups or of each; 0.95 unless given. */
  readonly maxMomentum?: number | readonly number[];
  /** The first rate is `maxLr/divFactor`; 25 unless given. */
  readonly divFactor?: number;
  /** The last rate is the first one divided by this; 10,000 unless given. */
  readonly finalDivFactor?: number;
  /** Back to the first rate in as many steps, and only then to the last. */
  readonly threePhase?: boolean;
}

/**
 * One rise of the rate to `maxLr` and one fall far below where it began, while momentum does the opposite
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
  private readonly totalSteps: number;
  private readonly annealStrategy: "cos" | "linear";
  private readonly cycleMomentum: boolean;
  /** The step in which each phase ends. */
  private readonly ends: readonly number[];
  /** By phase and one more, then by group: where rates come from and go to. */
  private readonly rates: readonly (readonly number[])[];
  private readonly momenta: readonly (readonly number[])[];

  constructor(optimizer: Schedulable, options: OneCycleOptions) {
    const { maxLr, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true } = options;
    const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = options;
    const totalSteps = stepsOf(options);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ThalwegError("OneCycleLR", `pctStart is ${pctStart}`, "it must be from 0 to 1");
    }
    checkChoice("OneCycleLR", "annealStrategy", annealStrategy, ["cos", "linear"]);
    if (cycleMomentum) checkMomentum("OneCycleLR", optimizer);
    const highest = forEachGroup("OneCycleLR", "maxLr", maxLr, optimizer);
    const low = forEachGroup("OneCycleLR", "baseMomentum", baseMomentum, optimizer);
    const high = forEachGroup("OneCycleLR", "maxMomentum", maxMomentum, optimizer);
    const first = highest.map((rate) => rate / divFactor);
    const last = first.map((rate) => rate / finalDivFactor);
    setInitialRates(optimizer, first);
    super(optimizer);
    this.totalSteps = totalSteps;
    this.annealStrategy = annealStrategy;
    this.cycleMomentum = cycleMomentum;
    const peak = pctStart * totalSteps - 1;
    const isLong = options.threePhase === true;
    this.ends = isLong ? [peak, 2 * pctStart * totalSteps - 2, totalSteps - 1] : [peak, totalSteps - 1];
    this.rates = isLong ? [first, highest, first, last] : [first, highest, last];
    this.momenta = isLong ? [high, low, high, high] : [high, low, high];
    this.apply();
  }

  override step(): void {
    const { lastEpoch, totalSteps } = this;
    if (lastEpoch >= totalSteps) {
      throw new ThalwegError(
        "OneCycleLR",
        `step ${lastEpoch + 1} is behind the end of the cycle, which has ${totalSteps} steps`,
        "make the cycle longer, or stop stepping",
      );
    }
    super.step();
  }

  protected override get ranges(): Ranges {
    return {
      ...super.ranges,
      totalSteps: period,
      annealStrategy: ["cos", "linear"],
      ends: finite,
      rates: finite,
      momenta: finite,
    };
  }

  protected override next(lr: number, _: number, group: number): number {
    if (this.isLate(group)) return lr;
    const { ends, lastEpoch, rates, momenta } = this;
    const found = ends.findIndex((end) => lastEpoch <= end);
    const phase = found === -1 ? ends.length - 1 : found;
    const start = phase === 0 ? 0 : ends[phase - 1]!;
    const share = (lastEpoch - start) / (ends[phase]! - start);
    const between = (values: readonly (readonly number[])[]) =>
      this.anneal(values[phase]![group]!, values[phase + 1]![group]!, share);
    if (this.cycleMomentum) setMomentum(this.optimizer.paramGroups[group]!, between(momenta));
    return between(rates);
  }

  private anneal(from: number, to: number, share: number): number {
    return this.annealStrategy === "cos"
      ? to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1)
      : (to - from) * share + from;
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (totalSteps !== undefined) {
    checkPeriod("OneCycleLR", "totalSteps", totalSteps);
    return totalSteps;
  }
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new ThalwegError(
      "OneCycleLR",
      "the length of the cycle is missing",
      "give totalSteps, or epochs and stepsPerEpoch",
    );
  }
  checkPeriod("OneCycleLR", "epochs", epochs);
  checkPeriod("OneCycleLR", "stepsPerEpoch", stepsPerEpoch);
  return epochs * stepsPerEpoch;
}
