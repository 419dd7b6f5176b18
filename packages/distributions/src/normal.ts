import { type Operand, pointwise, randn, type Shape, type Tensor } from "@thalweg/tensor";
import { type Distribution, ReparameterizedDistribution, type SampleOptions } from "./distribution";
import { checkEach, type DistributionOptions, locationAndScale, real } from "./parameters";

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

const logDensity = /* @__PURE__ */ pointwise(
  "normalLogProb",
  (value, loc, scale) => value.sub(loc).div(scale).square().mul(-0.5).sub(scale.log()).sub(halfLogTwoPi),
  {
    domain: [
      { min: -2, max: 2 },
      { min: -2, max: 2 },
      { min: 0.5, max: 2 },
    ],
  },
);

/**
 * The normal distribution of mean `loc` and standard deviation `scale`. Both are numbers or tensors, which broadcast.
 *
 * @example
 * const policy = new Normal(tensor([0, 1]), 2);
 * policy.batchShape; // → [2]
 * policy.logProb(1).exp().select(0, 1).item().toFixed(4); // → "0.1995"
 */
export class Normal extends ReparameterizedDistribution {
  /** The mean. */
  readonly loc: Tensor;
  /** The standard deviation. */
  readonly scale: Tensor;

  /** @throws DistributionError when a scale is not above 0, or a parameter is NaN; DTypeError for ints. */
  constructor(loc: Operand, scale: Operand, options: DistributionOptions = {}) {
    const [center, width] = locationAndScale("Normal", loc, scale, options);
    super("Normal", { loc: center, scale: width }, center.shape, options);
    this.loc = center;
    this.scale = width;
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.scale.square();
  }

  override get stddev(): Tensor {
    return this.scale;
  }

  override entropy(): Tensor {
    return this.scale.log().add(0.5 + halfLogTwoPi);
  }

  /** @internal */
  override divergence(other: Distribution): Tensor | null {
    if (!(other instanceof Normal)) return null;
    const ratio = this.scale.div(other.scale).square();
    const distance = this.loc.sub(other.loc).div(other.scale).square();
    return ratio.add(distance).sub(ratio.log()).sub(1).mul(0.5);
  }

  /** @internal */
  protected override draw(shape: Shape, options: SampleOptions): Tensor {
    return randn(shape, this.place(options)).mul(this.scale).add(this.loc);
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
