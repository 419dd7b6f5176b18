import { gumbel, lgamma, type Operand, pointwise, type Shape, type Tensor } from "@thalweg/tensor";
import { type Distribution, ReparameterizedDistribution, type SampleOptions } from "./distribution";
import { checkEach, type DistributionOptions, locationAndScale, real } from "./parameters";

/** The constant of Euler and Mascheroni. */
const euler = 0.5772156649015329;

const logDensity = /* @__PURE__ */ pointwise(
  "gumbelLogProb",
  (value, loc, scale) => {
    const y = loc.sub(value).div(scale);
    return y.sub(y.exp()).sub(scale.log());
  },
  {
    domain: [
      { min: -2, max: 2 },
      { min: -2, max: 2 },
      { min: 0.5, max: 2 },
    ],
  },
);

/**
 * The Gumbel distribution, that of the largest of many numbers, with mode `loc` and `scale`. Both are numbers or tensors, which broadcast.
 *
 * @example
 * new Gumbel(0, 1).mean.item().toFixed(4); // → "0.5772"
 */
export class Gumbel extends ReparameterizedDistribution {
  /** The mode. */
  readonly loc: Tensor;
  /** The factor of the distances from the mode. */
  readonly scale: Tensor;

  /** @throws DistributionError when a scale is not above 0, or a parameter is NaN; DTypeError for ints. */
  constructor(loc: Operand, scale: Operand, options: DistributionOptions = {}) {
    const [mode, width] = locationAndScale("Gumbel", loc, scale, options);
    super("Gumbel", { loc: mode, scale: width }, mode.shape, options);
    this.loc = mode;
    this.scale = width;
  }

  override get mean(): Tensor {
    return this.scale.mul(euler).add(this.loc);
  }

  override get variance(): Tensor {
    return this.scale.square().mul(Math.PI ** 2 / 6);
  }

  override entropy(): Tensor {
    return this.scale.log().add(1 + euler);
  }

  /** @internal */
  override divergence(other: Distribution): Tensor | null {
    if (!(other instanceof Gumbel)) return null;
    const ratio = this.scale.div(other.scale);
    const distance = this.loc.sub(other.loc).div(other.scale);
    // The mean of e^(-x) of the standardised values.
    const tail = lgamma(ratio.add(1)).sub(distance).exp();
    return ratio
      .mul(euler)
      .sub(ratio.log())
      .add(distance)
      .add(tail)
      .sub(1 + euler);
  }

  /** @internal */
  protected override draw(shape: Shape, options: SampleOptions): Tensor {
    return gumbel(shape, this.place(options)).mul(this.scale).add(this.loc);
  }

  /** @internal */
  protected override checkValue(op: string, value: Tensor): void {
    checkEach(op, "value", value, real);
  }

  /** @internal */
  protected override logDensity(value: Tensor): Tensor {
    return logDensity(value, this.loc, this.scale);
  }
}
