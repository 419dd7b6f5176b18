import { full, glu, prelu, type Tensor } from "@thalweg/tensor";
import { checkArguments, finite, optional, options, positive } from "@thalweg/tensor/internal";
import { constant_ } from "../init";
import { Layer } from "../module";
import { fresh, maybeInteger, type Own } from "../own";
import type { Parameter } from "../parameter";

const ofGLU: Own = { name: "GLU", takes: { dim: maybeInteger }, keepsNothing: true };

/** a·sigmoid(b), where a and b are the halves of the input along `dim`, which is -1 unless given (Dauphin et al., 2017). */
export class GLU extends Layer {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    checkArguments(ofGLU.name, ofGLU.takes, arguments);
    this.dim = dim;
  }

  /** @throws ShapeError when the extent is odd. */
  override forward(x: Tensor): Tensor {
    return glu(x, this.dim);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofGLU;
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** The slope at the start; 0.25 unless given. */
  readonly init?: number;
}

const ofPReLU: Own = {
  name: "PReLU",
  takes: {
    numParameters: /* @__PURE__ */ optional(positive),
    options: /* @__PURE__ */ options<PReLUOptions>({ init: finite }),
  },
  keepsNothing: true,
};

/**
 * x above 0, `weight`·x elsewhere (He et al., 2015): [batch, channels, ...] -> the same. `weight` is [numParameters]: one for all,
 * or one for each channel.
 *
 * @example
 * new PReLU().forward(tensor([-2, 3])).toArray(); // → [-0.5,3]
 */
export class PReLU extends Layer {
  readonly numParameters: number;
  readonly init: number;
  declare weight: Parameter;

  /** @param numParameters 1 unless given */
  constructor(numParameters = 1, options: PReLUOptions = {}) {
    super();
    checkArguments(ofPReLU.name, ofPReLU.takes, arguments);
    const { init = 0.25 } = options;
    this.numParameters = numParameters;
    this.init = init;
    this.registerParameter(
      "weight",
      fresh(ofPReLU.name, [numParameters], (shape) => full(shape, init)),
    );
  }

  /** Resets the slopes to those of the start. */
  resetParameters(): void {
    constant_(this.weight, this.init);
  }

  /** @throws ShapeError when the input has other channels. */
  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  protected override extraRepr(): string {
    return `numParameters=${this.numParameters}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofPReLU;
  }
}
