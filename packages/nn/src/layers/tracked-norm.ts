import { ones, type Tensor, zeros } from "@thalweg/tensor";
import {
  atLeastZero,
  boolean,
  checkArguments,
  count,
  either,
  finite,
  oneOf,
  options,
  type Signature,
} from "@thalweg/tensor/internal";
import { ones_, zeros_ } from "../init";
import { Layer, snakeCase } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";

/** Options of the layers that may keep running statistics of each feature. */
export interface TrackedNormOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /** Weight of the newest batch in the running statistics; 0.1 unless given. */
  readonly momentum?: number;
  /** Whether the layer has weight and bias; true for batches and false for instances unless given. */
  readonly affine?: boolean;
  /** Whether to keep running statistics, and use them in eval mode; true for batches and false for instances unless given. */
  readonly trackRunningStats?: boolean;
}

/** The arguments of such a layer's constructor. */
export const trackedNorm = (isAlwaysNumber: boolean): Signature => ({
  numFeatures: count,
  options: options<TrackedNormOptions>({
    eps: atLeastZero,
    momentum: isAlwaysNumber ? finite : either(finite, oneOf(null)),
    affine: boolean,
    trackRunningStats: boolean,
  }),
});

/**
 * Base class of normalisations with running statistics: weight 1, bias 0, running mean 0 and running variance 1 at the start,
 * each [features]; null where the layer has none.
 */
export abstract class TrackedNorm extends Layer {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  /** Number of batches in the running statistics: a tensor of rank 0. */
  declare numBatchesTracked: Tensor | null;

  /**
   * @param isUsual whether it is affine and keeps running statistics, unless told otherwise
   * @internal
   */
  constructor(
    { name, takes }: Own,
    numFeatures: number,
    options: Omit<TrackedNormOptions, "momentum"> & { readonly momentum?: number | null },
    isUsual: boolean,
  ) {
    super();
    checkArguments(name, takes, [numFeatures, options]);
    const { eps = 1e-5, momentum = 0.1, affine = isUsual, trackRunningStats = isUsual } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.registerParameter("weight", affine ? fresh(name, [numFeatures], ones) : null);
    this.registerParameter("bias", affine ? fresh(name, [numFeatures], zeros) : null);
    this.registerBuffer("runningMean", trackRunningStats ? zeros([numFeatures]) : null);
    this.registerBuffer("runningVar", trackRunningStats ? ones([numFeatures]) : null);
    this.registerBuffer("numBatchesTracked", trackRunningStats ? zeros([]) : null);
  }

  /** Resets the running statistics. */
  resetRunningStats(): void {
    if (this.runningMean) zeros_(this.runningMean);
    if (this.runningVar) ones_(this.runningVar);
    if (this.numBatchesTracked) zeros_(this.numBatchesTracked);
  }

  /** Resets weight to 1, bias to 0, and the running statistics. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }

  protected override extraRepr(): string {
    const { numFeatures, eps, momentum } = this;
    const [affine, tracks] = [this.weight !== null, this.runningMean !== null];
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${affine}, trackRunningStats=${tracks}`;
  }
}
