import { boolean, callback, oneOf, required } from "@thalweg/tensor/internal";
import { within } from "../options";
import {
  checkMomentum,
  checkScheduler,
  forEachGroup,
  LRScheduler,
  numberOf,
  type Schedulable,
} from "./scheduler";
import { momentum, perGroup, period, rate } from "./scheduler-state";

/** Options of {@link CyclicLR}. */
export interface CyclicOptions {
  /** The lowest rate, of all groups or of each. */
  readonly baseLr: number | readonly number[];
  /** The highest rate, of all groups or of each. */
  readonly maxLr: number | readonly number[];
  /** Steps in which the rate rises; 2000 unless given. */
  readonly stepSizeUp?: number;
  /** Steps in which it falls; as many unless given. */
  readonly stepSizeDown?: number;
  /**
   * Every cycle as high as the first, each half as high as the one before, or lower by the factor `gamma` every step;
   * "triangular" unless given.
   */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** The factor of the height at every step, in the mode `"expRange"`; 1 unless given. */
  readonly gamma?: number;
  /** Height of the cycles; that of the mode unless given. Not part of the state dict. */
  readonly scaleFn?: (x: number) => number;
  /** The argument of `scaleFn`: the number of the cycle, from 1 on, or that of the step; "cycle" unless given. */
  readonly scaleMode?: "cycle" | "iterations";
  /** Whether momentum (or the first of betas) falls while the rate rises, and back; true unless given. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, of all groups or of each; 0.8 unless given. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, of all groups or of each; 0.9 unless given. */
  readonly maxMomentum?: number | readonly number[];
}

const scaleMode = /* @__PURE__ */ oneOf("cycle", "iterations");
const kinds = {
  baseLr: /* @__PURE__ */ required(/* @__PURE__ */ perGroup(rate)),
  maxLr: /* @__PURE__ */ required(/* @__PURE__ */ perGroup(rate)),
  stepSizeUp: period,
  stepSizeDown: period,
  mode: /* @__PURE__ */ oneOf("triangular", "triangular2", "expRange"),
  gamma: rate,
  scaleFn: callback,
  scaleMode,
  cycleMomentum: boolean,
  baseMomentum: /* @__PURE__ */ perGroup(momentum),
  maxMomentum: /* @__PURE__ */ perGroup(momentum),
};

const modes = {
  triangular: () => 1,
  triangular2: (cycle: number) => 2 ** (1 - cycle),
} as const;

/**
 * Linearly up and down between two rates, again and again (Smith, 2017): call `step()` after every batch,
 * not after every epoch.
 *
 * @example
 * const optimizer = new SGD([tensor([0])], { lr: 1, momentum: 0.9 });
 * const scheduler = new CyclicLR(optimizer, { baseLr: 0, maxLr: 1, stepSizeUp: 4 });
 * scheduler.step();
 * scheduler.getLastLr(); // → [0.25]
 */
export class CyclicLR extends LRScheduler {
  override readonly baseLrs: readonly number[];
  private readonly maxLrs: readonly number[];
  private readonly totalSize: number;
  /** Share of a cycle in which the rate rises. */
  private readonly stepRatio: number;
  private readonly scaleFn: (x: number) => number;
  private readonly scaleMode: "cycle" | "iterations";
  private readonly cycleMomentum: boolean;
  private readonly baseMomentums: readonly number[];
  private readonly maxMomentums: readonly number[];

  constructor(optimizer: Schedulable, options: CyclicOptions) {
    checkScheduler("CyclicLR", kinds, optimizer, options);
    const { baseLr, maxLr, stepSizeUp = 2000, mode = "triangular", gamma = 1, scaleFn } = options;
    const { stepSizeDown = stepSizeUp, scaleMode = "cycle", cycleMomentum = true } = options;
    if (cycleMomentum) checkMomentum("CyclicLR", optimizer);
    const each = (name: "baseMomentum" | "maxMomentum", otherwise: number) =>
      forEachGroup("CyclicLR", name, options[name] ?? otherwise, optimizer);
    const lowest = forEachGroup("CyclicLR", "baseLr", baseLr, optimizer);
    const highest = forEachGroup("CyclicLR", "maxLr", maxLr, optimizer);
    const [low, high] = [each("baseMomentum", 0.8), each("maxMomentum", 0.9)];
    super(optimizer, "CyclicLR");
    this.baseLrs = lowest;
    this.maxLrs = highest;
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    const isRange = scaleFn === undefined && mode === "expRange";
    this.scaleFn = scaleFn ?? (mode === "expRange" ? (step) => gamma ** step : modes[mode]);
    this.scaleMode = isRange ? "iterations" : scaleFn === undefined ? "cycle" : scaleMode;
    this.cycleMomentum = cycleMomentum;
    this.baseMomentums = low;
    this.maxMomentums = high;
    this.apply();
  }

  /** @internal */
  protected override get ranges() {
    return {
      ...super.ranges,
      maxLrs: rate,
      totalSize: within({ min: 2, whole: true }),
      stepRatio: within({ above: 0, max: 1 }),
      scaleMode,
      baseMomentums: momentum,
      maxMomentums: momentum,
    };
  }

  /** The height of the cycle in this epoch: 0 at its bottom, 1 at its top unless it is scaled. */
  private height(): number {
    const { lastEpoch, totalSize, stepRatio } = this;
    const x = (lastEpoch % totalSize) / totalSize;
    const height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const cycle = Math.floor(lastEpoch / totalSize) + 1;
    return height * numberOf(this.scaleFn(this.scaleMode === "cycle" ? cycle : lastEpoch));
  }

  protected override next(lr: number, baseLr: number, group: number): number {
    return this.isLate(group) ? lr : baseLr + (this.maxLrs[group]! - baseLr) * this.height();
  }

  protected override nextMomentum(group: number): number | undefined {
    if (!this.cycleMomentum || this.isLate(group)) return undefined;
    const [low, high] = [this.baseMomentums[group]!, this.maxMomentums[group]!];
    return high - (high - low) * this.height();
  }
}
