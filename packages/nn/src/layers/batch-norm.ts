import { noGrad } from "@thalweg/autograd";
import { batchNorm, ShapeError, type Tensor } from "@thalweg/tensor";
import { formatShape, replay } from "@thalweg/tensor/internal";
import type { Own } from "../own";
import { TrackedNorm, type TrackedNormOptions, trackedNorm } from "./tracked-norm";

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormLayerOptions extends Omit<TrackedNormOptions, "momentum"> {
  /**
   * Weight of the newest batch in the running statistics; null for the mean of all batches so far, which reads their
   * number and so needs a device that can be read synchronously. 0.1 unless given.
   */
  readonly momentum?: number | null;
}

const takes = /* @__PURE__ */ trackedNorm(false);
const ofBatchNorm1d: Own = { name: "BatchNorm1d", takes, keepsNothing: true };
const ofBatchNorm2d: Own = { name: "BatchNorm2d", takes, keepsNothing: true };

/** Base class of batch normalisation. */
export abstract class BatchNorm extends TrackedNorm {
  /** @internal */
  constructor(own: Own, numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(own, numFeatures, options, true);
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
