import { instanceNorm, ShapeError, type Tensor } from "@thalweg/tensor";
import { formatShape } from "@thalweg/tensor/internal";
import type { Own } from "../own";
import { TrackedNorm, type TrackedNormOptions, trackedNorm } from "./tracked-norm";

const takes = /* @__PURE__ */ trackedNorm(true);
const ofInstanceNorm1d: Own = { name: "InstanceNorm1d", takes, keepsNothing: true };
const ofInstanceNorm2d: Own = { name: "InstanceNorm2d", takes, keepsNothing: true };

/** Base class of instance normalisation. */
export abstract class InstanceNorm extends TrackedNorm {
  /** @internal */
  constructor(own: Own, numFeatures: number, options: TrackedNormOptions = {}) {
    super(own, numFeatures, options, false);
  }

  /** Normalises an input with so many dimensions after the features, and a batch before them or not. */
  protected normalize(x: Tensor, spatial: number, places: string): Tensor {
    const { numFeatures, weight, bias, runningMean, runningVar, eps } = this;
    const channelDim = x.ndim - spatial - 1;
    if ((channelDim !== 0 && channelDim !== 1) || x.shape[channelDim] !== numFeatures) {
      throw new ShapeError(
        this.$own!.name,
        `the input does not fit, shape ${formatShape(x.shape)} and ${numFeatures} features`,
        `it must be [batch, ${numFeatures}, ${places}] or [${numFeatures}, ${places}]`,
        [x.shape],
      );
    }
    const useInputStats = this.training || runningMean === null || runningVar === null;
    const y = instanceNorm(channelDim === 0 ? x.unsqueeze(0) : x, {
      ...{ weight, bias, eps, useInputStats, momentum: this.momentum! },
      ...{ runningMean, runningVar },
    });
    return channelDim === 0 ? y.squeeze(0) : y;
  }
}

/**
 * Instance normalisation of sequences, [batch, features, length] or [features, length] -> the same: `instanceNorm`, with the
 * running statistics in eval mode if the layer keeps any. State, where there is one: `weight`, `bias`, `running_mean`,
 * `running_var`, `num_batches_tracked`, which stays 0, as in PyTorch.
 */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, options: TrackedNormOptions = {}) {
    super(ofInstanceNorm1d, numFeatures, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    return this.normalize(x, 1, "length");
  }

  /** @internal */
  override get $own(): Own {
    return ofInstanceNorm1d;
  }
}

/**
 * Instance normalisation of images, [batch, features, height, width] or [features, height, width] -> the same, as
 * {@link InstanceNorm1d}.
 *
 * @example
 * new InstanceNorm2d(3, { affine: true }).forward(randn([4, 3, 5, 5])).shape; // → [4,3,5,5]
 */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, options: TrackedNormOptions = {}) {
    super(ofInstanceNorm2d, numFeatures, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    return this.normalize(x, 2, "height, width");
  }

  /** @internal */
  override get $own(): Own {
    return ofInstanceNorm2d;
  }
}
