import { empty, linear, ShapeError, type Tensor } from "@thalweg/tensor";
import { formatShape } from "@thalweg/tensor/internal";
import { uniform_ } from "../init";
import { Layer } from "../module";
import { Parameter } from "../parameter";

/**
 * x·Wᵀ + b: [..., in] -> [..., out]. `weight` is [out, in], `bias` [out]; both start uniform in ±1/√in.
 *
 * @example
 * new Linear(4, 3).forward(zeros([2, 4])).shape; // → [2,3]
 */
export class Linear extends Layer {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  /** @param options.bias whether to add a bias; true unless given */
  constructor(inFeatures: number, outFeatures: number, { bias = true }: { readonly bias?: boolean } = {}) {
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, inFeatures]));
    this.bias = bias ? new Parameter(empty([outFeatures])) : null;
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
    this.check(x);
    return linear(x, this.weight, this.bias);
  }

  /** Throws unless the input fits. @internal */
  check(x: Tensor): void {
    if (x.ndim === 0 || x.shape.at(-1) !== this.inFeatures) {
      throw new ShapeError(
        "Linear",
        `the input does not fit, shape ${formatShape(x.shape)} and ${this.inFeatures} inputs`,
        `its last dimension must be ${this.inFeatures}`,
        [x.shape, this.weight.shape],
      );
    }
  }

  protected override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }

  protected override get transparentAs(): unknown {
    return Linear;
  }
}
