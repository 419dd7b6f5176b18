import { oneOf, required } from "@thalweg/tensor/internal";
import { checkScheduler, forEachGroup, LRScheduler, type Schedulable } from "./scheduler";
import { rate as aRate, count, perGroup } from "./scheduler-state";

/** Options of {@link SWALR}. */
export interface SWAOptions {
  /** The rate in the end: one for all groups, or one for each. */
  readonly swaLr: number | readonly number[];
  /** Epochs from the rate that is there to that one; 10 unless given. */
  readonly annealEpochs?: number;
  /** Whether the rate goes along half a cosine or a line; "cos" unless given. */
  readonly annealStrategy?: "cos" | "linear";
}

type Way = Required<Pick<SWAOptions, "annealEpochs" | "annealStrategy">>;

const kinds = {
  swaLr: /* @__PURE__ */ required(/* @__PURE__ */ perGroup(aRate)),
  annealEpochs: count,
  annealStrategy: /* @__PURE__ */ oneOf("cos", "linear"),
};

/**
 * Takes the rate to a constant one, at which the weights are then averaged (Izmailov et al., 2018). It starts from whatever the rate is, after
 * another schedule for instance.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1 });
 * const scheduler = new SWALR(optimizer, { swaLr: 0.5, annealEpochs: 2, annealStrategy: "linear" });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.75]
 */
export class SWALR extends LRScheduler {
  private readonly swaLrs: readonly number[];
  private readonly annealEpochs: number;
  private readonly annealStrategy: "cos" | "linear";

  constructor(optimizer: Schedulable, options: SWAOptions) {
    checkScheduler("SWALR", kinds, optimizer, options);
    const swaLrs = forEachGroup("SWALR", "swaLr", options.swaLr, optimizer);
    super(optimizer, "SWALR");
    this.swaLrs = swaLrs;
    this.annealEpochs = options.annealEpochs ?? 10;
    this.annealStrategy = options.annealStrategy ?? "cos";
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return {
      ...super.ranges,
      swaLrs: aRate,
      annealEpochs: count,
      annealStrategy: kinds.annealStrategy,
    };
  }

  protected override next(lr: number, _baseLr: number, group: number): number {
    const { annealEpochs, annealStrategy, lastEpoch } = this;
    const way = { annealEpochs, annealStrategy };
    if (this.isLate(group)) return lr;
    const swaLr = this.swaLrs[group]!;
    const epoch = annealEpochs === 0 ? Math.max(1, lastEpoch) : lastEpoch;
    const [before, after] = [alphaOf(way, epoch - 1), alphaOf(way, epoch)];
    if (before === 1) return swaLr;
    const first = (lr - before * swaLr) / (1 - before);
    // Rounding may take a rate of 0 below it, which no optimizer accepts.
    return Math.max(0, swaLr * after + first * (1 - after));
  }
}

/** The part of the way to the last rate. */
function alphaOf({ annealEpochs, annealStrategy }: Way, epoch: number): number {
  const t = Math.max(0, Math.min(1, epoch / Math.max(1, annealEpochs)));
  return annealStrategy === "linear" ? t : (1 - Math.cos(Math.PI * t)) / 2;
}
