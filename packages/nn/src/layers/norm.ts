import {
  groupNorm,
  type LocalResponseNormOptions,
  layerNorm,
  localResponseNorm,
  ones,
  rmsNorm,
  type Shape,
  type Tensor,
  ThalwegError,
  zeros,
} from "@thalweg/tensor";
import {
  atLeastZero,
  boolean,
  checkArguments,
  count,
  either,
  options,
  positive,
  real,
  shapeKind,
} from "@thalweg/tensor/internal";
import { ones_, zeros_ } from "../init";
import { Layer } from "../module";
import { fresh, type Own, shown } from "../own";
import type { Parameter } from "../parameter";

/** Options of {@link LayerNorm}. */
export interface LayerNormLayerOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /** Whether the layer has weight and bias; true unless given. */
  readonly elementwiseAffine?: boolean;
  /** Whether the layer has a bias, if it has a weight; true unless given. */
  readonly bias?: boolean;
}

/** Options of {@link RMSNorm}. */
export interface RMSNormLayerOptions {
  /** Added to the mean square; 2⁻²³ unless given. */
  readonly eps?: number;
  /** Whether the layer has a weight; true unless given. */
  readonly elementwiseAffine?: boolean;
}

/** Options of {@link GroupNorm}. */
export interface GroupNormLayerOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /** Whether the layer has weight and bias; true unless given. */
  readonly affine?: boolean;
}

const size = /* @__PURE__ */ either(positive, shapeKind);
const ofLayerNorm: Own = {
  name: "LayerNorm",
  takes: {
    normalizedShape: size,
    options: /* @__PURE__ */ options<LayerNormLayerOptions>({
      eps: atLeastZero,
      elementwiseAffine: boolean,
      bias: boolean,
    }),
  },
  keepsNothing: true,
};
const ofRMSNorm: Own = {
  name: "RMSNorm",
  takes: {
    normalizedShape: size,
    options: /* @__PURE__ */ options<RMSNormLayerOptions>({ eps: atLeastZero, elementwiseAffine: boolean }),
  },
  keepsNothing: true,
};
const ofGroupNorm: Own = {
  name: "GroupNorm",
  takes: {
    numGroups: positive,
    numChannels: count,
    options: /* @__PURE__ */ options<GroupNormLayerOptions>({ eps: atLeastZero, affine: boolean }),
  },
  keepsNothing: true,
};

const ofLocalResponseNorm: Own = {
  name: "LocalResponseNorm",
  takes: {
    size: positive,
    options: /* @__PURE__ */ options<LocalResponseNormOptions>({ alpha: real, beta: real, k: real }),
  },
  keepsNothing: true,
};

/** A normalisation with a weight that starts at 1 and a bias that starts at 0; null where the layer has none. */
export abstract class AffineNorm extends Layer {
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  /** Creates them, after the arguments were checked. @internal */
  protected scale({ name }: Own, shape: Shape, hasWeight: boolean, hasBias: boolean): void {
    this.registerParameter("weight", hasWeight ? fresh(name, shape, ones) : null);
    this.registerParameter("bias", hasBias ? fresh(name, shape, zeros) : null);
  }

  /** Resets weight to 1 and bias to 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }
}

/**
 * Layer normalisation over the last dimensions, those of `normalizedShape` (a number means one): [..., *shape] -> the
 * same, as `layerNorm`. `weight` starts at 1, `bias` at 0, both of `normalizedShape`.
 *
 * @example
 * new LayerNorm(8).forward(randn([2, 5, 8])).shape; // → [2,5,8]
 */
export class LayerNorm extends AffineNorm {
  readonly normalizedShape: Shape;
  readonly eps: number;

  constructor(normalizedShape: number | Shape, options: LayerNormLayerOptions = {}) {
    super();
    checkArguments(ofLayerNorm.name, ofLayerNorm.takes, arguments);
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    this.normalizedShape = [normalizedShape].flat();
    this.eps = eps;
    this.scale(ofLayerNorm, this.normalizedShape, elementwiseAffine, elementwiseAffine && bias);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }

  protected override extraRepr(): string {
    return `${JSON.stringify(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofLayerNorm;
  }
}

/**
 * Division by the root of the mean square over the last dimensions, those of `normalizedShape`: [..., *shape] -> the
 * same, as `rmsNorm`. `weight` starts at 1.
 */
export class RMSNorm extends AffineNorm {
  readonly normalizedShape: Shape;
  readonly eps: number;

  constructor(normalizedShape: number | Shape, options: RMSNormLayerOptions = {}) {
    super();
    checkArguments(ofRMSNorm.name, ofRMSNorm.takes, arguments);
    const { eps = 2 ** -23, elementwiseAffine = true } = options;
    this.normalizedShape = [normalizedShape].flat();
    this.eps = eps;
    this.scale(ofRMSNorm, this.normalizedShape, elementwiseAffine, false);
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps });
  }

  protected override extraRepr(): string {
    return `${JSON.stringify(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofRMSNorm;
  }
}

/**
 * Normalisation of groups of neighbouring channels: [batch, channels, ...] -> the same, as `groupNorm`. `weight` starts
 * at 1, `bias` at 0, both [channels].
 *
 * @example
 * new GroupNorm(2, 6).forward(randn([2, 6, 4])).shape; // → [2,6,4]
 */
export class GroupNorm extends AffineNorm {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;

  constructor(numGroups: number, numChannels: number, options: GroupNormLayerOptions = {}) {
    super();
    checkArguments(ofGroupNorm.name, ofGroupNorm.takes, arguments);
    const { eps = 1e-5, affine = true } = options;
    if (numChannels % numGroups !== 0) {
      throw new ThalwegError(
        "GroupNorm",
        `the channels cannot be divided, ${numChannels} channels and ${numGroups} groups`,
        "their number must be a multiple of the groups",
      );
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.scale(ofGroupNorm, [numChannels], affine, affine);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return groupNorm(x, this.numGroups, { weight, bias, eps });
  }

  protected override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.weight !== null}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofGroupNorm;
  }
}

/**
 * Division by a power of the mean square of `size` neighbouring channels: [batch, channels, length, ...] -> the same, as
 * `localResponseNorm`.
 */
export class LocalResponseNorm extends Layer {
  readonly size: number;
  readonly options: LocalResponseNormOptions;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkArguments(ofLocalResponseNorm.name, ofLocalResponseNorm.takes, arguments);
    this.size = size;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options);
  }

  protected override extraRepr(): string {
    return shown({ size: this.size, ...this.options });
  }

  /** @internal */
  override get $own(): Own {
    return ofLocalResponseNorm;
  }
}
