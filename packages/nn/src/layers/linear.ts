import { linear, ShapeError, type Tensor } from "@thalweg/tensor";
import { checkArguments, count, formatShape } from "@thalweg/tensor/internal";
import { uniform_ } from "../init";
import { Layer } from "../module";
import { biasOption, fresh, type Own } from "../own";
import type { Parameter } from "../parameter";

const own: Own = {
  name: "Linear",
  takes: { inFeatures: count, outFeatures: count, options: biasOption },
  keepsNothing: true,
};

/**
 * x·Wᵀ + b: [..., in] -> [..., out]. `weight` is [out, in], `bias` [out]; both start uniform in ±1/√in.
 *
 * @example
 * new Linear(4, 3).forward(zeros([2, 4])).shape; // → [2,3]
 */
export class Linear extends Layer {
  readonly inFeatures: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  /** @param options.bias whether to add a bias; true unless given */
  constructor(inFeatures: number, outFeatures: number, options: { readonly bias?: boolean } = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.registerParameter("weight", fresh(own.name, [outFeatures, inFeatures]));
    this.registerParameter("bias", (options.bias ?? true) ? fresh(own.name, [outFeatures]) : null);
    this.resetParameters();
  }

  /** Draws new parameters. */
  resetParameters(): void {
    if (this.weight.size === 0) return;
    const bound = 1 / Math.sqrt(this.inFeatures);
    uniform_(this.weight, { low: -bound, high: bound });
    if (this.bias !== null) uniform_(this.bias, { low: -bound, high: bound });
  }

  /** @throws ShapeError when the last dimension is not `inFeatures`. */
  override forward(x: Tensor): Tensor {
    checkInput(this, x);
    return linear(x, this.weight, this.bias);
  }

  protected override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}

/** Throws unless the input fits. */
function checkInput({ inFeatures, weight }: Linear, { shape }: Tensor): void {
  if (shape.length > 0 && shape[shape.length - 1] === inFeatures) return;
  throw new ShapeError(
    own.name,
    `the input does not fit, shape ${formatShape(shape)} and ${inFeatures} inputs`,
    `its last dimension must be ${inFeatures}`,
    [shape, weight.shape],
  );
}
