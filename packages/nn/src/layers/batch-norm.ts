import { noGrad } from "@thalweg/autograd";
import { batchNorm, ones, ShapeError, type Tensor, zeros } from "@thalweg/tensor";
import { formatShape, replay } from "@thalweg/tensor/internal";
import { ones_, zeros_ } from "../init";
import { Layer, snakeCase } from "../module";
import { Parameter } from "../parameter";

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormLayerOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /**
   * Share of a batch in the running statistics; null for the mean of all batches so far, which reads their number
   * back and so is for devices that can be read at once. 0.1 unless given.
   */
  readonly momentum?: number | null;
  /** Whether there are weight and bias; true unless given. */
  readonly affine?: boolean;
  /** Whether to keep statistics for use; without them those of the batch are always used. True unless given. */
  readonly trackRunningStats?: boolean;
}

/** Weight 1, bias 0, running mean 0 and running variance 1 at the start, each [features]. */
abstract class BatchNorm extends Layer {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Tensor | null = null;
  runningVar: Tensor | null = null;
  /** How many batches the running statistics have seen: a tensor of rank 0. */
  numBatchesTracked: Tensor | null = null;

  constructor(
    numFeatures: number,
    { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true }: BatchNormLayerOptions = {},
  ) {
    super();
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(ones([numFeatures])) : null;
    this.bias = affine ? new Parameter(zeros([numFeatures])) : null;
    if (trackRunningStats) {
      this.registerBuffer("runningMean", zeros([numFeatures]));
      this.registerBuffer("runningVar", ones([numFeatures]));
      this.registerBuffer("numBatchesTracked", zeros([]));
    }
  }

  /** Its name, ranks of inputs, and how they are written. */
  protected abstract readonly expected: {
    readonly name: string;
    readonly ranks: readonly number[];
    readonly text: string;
  };

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    if (this.runningMean) zeros_(this.runningMean);
    if (this.runningVar) ones_(this.runningVar);
    if (this.numBatchesTracked) zeros_(this.numBatchesTracked);
  }

  /** Weight 1 and bias 0 again, and no statistics. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  override forward(x: Tensor): Tensor {
    const { name, ranks, text } = this.expected;
    if (!ranks.includes(x.ndim) || x.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        name,
        `the input does not fit, shape ${formatShape(x.shape)} and ${this.numFeatures} features`,
        `it must be ${text.replaceAll("features", String(this.numFeatures))}`,
        [x.shape],
      );
    }
    const { weight, bias, runningMean, runningVar, numBatchesTracked, eps } = this;
    const training = this.training || runningMean === null || runningVar === null;
    const follows = this.training && numBatchesTracked !== null;
    // The mean of all batches so far needs their number.
    const momentum = this.momentum ?? (follows ? 1 / (numBatchesTracked.item() + 1) : 0);
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

/**
 * Batch normalisation of vectors or sequences, [batch, features] or [batch, features, length] -> the same: `batchNorm`
 * with the statistics of the batch in training, and with the running ones otherwise. State: `weight`, `bias`,
 * `running_mean`, `running_var`, `num_batches_tracked`.
 */
export class BatchNorm1d extends BatchNorm {
  protected override get expected() {
    return { name: "BatchNorm1d", ranks: [2, 3], text: "[batch, features] or [batch, features, length]" };
  }

  protected override get transparentAs(): unknown {
    return BatchNorm1d;
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
  protected override get expected() {
    return { name: "BatchNorm2d", ranks: [4], text: "[batch, features, height, width]" };
  }

  protected override get transparentAs(): unknown {
    return BatchNorm2d;
  }
}
