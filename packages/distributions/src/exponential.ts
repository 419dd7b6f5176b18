import { exponential, type Operand, pointwise, type Shape, type Tensor } from "@thalweg/tensor";
import { checkArguments, kinds } from "@thalweg/tensor/internal";
import { type Distribution, ReparameterizedDistribution, type SampleOptions } from "./distribution";
import {
  broadcastParameters,
  checkEach,
  type DistributionOptions,
  distributionOptions,
  nonnegative,
  positive,
} from "./parameters";

const logDensity = /* @__PURE__ */ pointwise(
  "exponentialLogProb",
  (value, rate) => rate.log().sub(rate.mul(value)),
  {
    domain: [
      { min: 0.5, max: 2 },
      { min: 0.5, max: 2 },
    ],
  },
);

/**
 * The exponential distribution, that of the time between events, of which there are `rate` in a unit of time. The rate is a number or a
 * tensor.
 *
 * @example
 * new Exponential(tensor([0.5, 4])).mean.toArray(); // → [2,0.25]
 */
export class Exponential extends ReparameterizedDistribution {
  /** The reciprocal of the mean. */
  readonly rate: Tensor;

  /** @throws DistributionError when a rate is not above 0; DTypeError for ints. */
  constructor(rate: Operand, options: DistributionOptions = {}) {
    checkArguments("Exponential", { rate: kinds.operand, options: distributionOptions }, [rate, options]);
    const [each] = broadcastParameters("Exponential", { rate: [rate, positive] }, options) as [Tensor];
    super("Exponential", { rate: each }, each.shape, options);
    this.rate = each;
  }

  override get mean(): Tensor {
    return this.rate.reciprocal();
  }

  override get variance(): Tensor {
    return this.rate.square().reciprocal();
  }

  override get stddev(): Tensor {
    return this.mean;
  }

  override entropy(): Tensor {
    return this.rate.log().neg().add(1);
  }

  /** @internal */
  override divergence(other: Distribution): Tensor | null {
    if (!(other instanceof Exponential)) return null;
    const ratio = other.rate.div(this.rate);
    return ratio.sub(ratio.log()).sub(1);
  }

  /** @internal */
  protected override draw(shape: Shape, options: SampleOptions): Tensor {
    return exponential(shape, 1, this.place(options)).div(this.rate);
  }

  /** @internal */
  protected override checkValue(op: string, value: Tensor): void {
    checkEach(op, "value", value, nonnegative);
  }

  /** @internal */
  protected override logDensity(value: Tensor): Tensor {
    return logDensity(value, this.rate);
  }
}
