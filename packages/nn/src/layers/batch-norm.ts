import { noGrad } from "@thalweg/autograd";
import { batchNorm, ones, ShapeError, type Tensor, zeros } from "@thalweg/tensor";
import {
  atLeastZero,
  boolean,
  checkArguments,
  count,
  either,
  finite,
  formatShape,
  oneOf,
  options,
  replay,
  type Signature,
} from "@thalweg/tensor/internal";
import { ones_, zeros_ } from "../init";
import { Layer, snakeCase } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormLayerOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /**
   * Weight of the newest batch in the running statistics; null for the mean of all batches so far, which reads their
   * number and so needs a device that can be read synchronously. 0.1 unless given.
   */
  readonly momentum?: number | null;
  /** Whether the layer has weight and bias; true unless given. */
  readonly affine?: boolean;
  /** Whether to keep running statistics; without them, those of the batch are always used. True unless given. */
  readonly trackRunningStats?: boolean;
}

const takes: Signature = {
  numFeatures: count,
  options: /* @__PURE__ */ options<BatchNormLayerOptions>({
    eps: atLeastZero,
    momentum: /* @__PURE__ */ either(finite, /* @__PURE__ */ oneOf(null)),
    affine: boolean,
    trackRunningStats: boolean,
  }),
};
const ofBatchNorm1d: Own = { name: "BatchNorm1d", takes, keepsNothing: true };
const ofBatchNorm2d: Own = { name: "BatchNorm2d", takes, keepsNothing: true };

/**
 * Base class of batch normalisation: weight 1, bias 0, running mean 0 and running variance 1 at the start, each
 * [features].
 */
export abstract class BatchNorm extends Layer {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  /** Number of batches in the running statistics: a tensor of rank 0. */
  declare numBatchesTracked: Tensor | null;

  /** @internal */
  constructor(own: Own, numFeatures: number, options: BatchNormLayerOptions = {}) {
    super();
    checkArguments(own.name, own.takes, [numFeatures, options]);
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.registerParameter("weight", affine ? fresh(own.name, [numFeatures], ones) : null);
    this.registerParameter("bias", affine ? fresh(own.name, [numFeatures], zeros) : null);
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

  /** Normalises an input that fits. */
  protected normalize(x: Tensor, fits: boolean, expected: string): Tensor {
    if (!fits || x.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        this.$own!.name,
        `the input does not fit, shape ${formatShape(x.shape)} and ${this.numFeatures} features`,
        `it must be ${expected.replaceAll("features", String(this.numFeatures))}`,
        [x.shape],
      );
    }
    const { weight, bias, runningMean, runningVar, numBatchesTracked, eps } = this;
    const training = this.training || runningMean === null || runningVar === null;
    const follows = this.training && numBatchesTracked !== null;
    // The mean of all batches so far needs their number.
    const momentum = this.momentum ?? (follows ? shareOfNext(numBatchesTracked) : 0);
    const y = batchNorm(x, { weight, bias, runningMean, runningVar, eps, training, momentum });
    if (follows && !replay.running) noGrad(() => numBatchesTracked.add_(1));
    return y;
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

/** The share of the next batch in the mean of all: computed by kernels, so that nothing is read. */
function shareOfNext(batches: Tensor): Tensor {
  return noGrad(() => (batches.device === "cpu" ? batches.to("float64") : batches).add(1).reciprocal());
}

/**
 * Batch normalisation of vectors or sequences, [batch, features] or [batch, features, length] -> the same: `batchNorm`
 * with the statistics of the batch in training, and with the running ones otherwise. State: `weight`, `bias`,
 * `running_mean`, `running_var`, `num_batches_tracked`.
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(ofBatchNorm1d, numFeatures, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    return this.normalize(x, x.ndim === 2 || x.ndim === 3, "[batch, features] or [batch, features, length]");
  }

  /** @internal */
  override get $own(): Own {
    return ofBatchNorm1d;
  }
}

/**
 * Batch normalisation of images, [batch, features, height, width] -> the same, as {@link BatchNorm1d}.
 *
 * @example
 * const layer = new BatchNorm2d(3);
 * layer.forward(randn([4, 3, 5, 5])).shape; // → [4,3,5,5]
 * Object.keys(layer.stateDict()).slice(2).join(" "); // → "running_mean running_var num_batches_tracked"
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(ofBatchNorm2d, numFeatures, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    return this.normalize(x, x.ndim === 4, "[batch, features, height, width]");
  }

  /** @internal */
  override get $own(): Own {
    return ofBatchNorm2d;
  }
}
