import { type Operand, pointwise, rand, type Shape, type Tensor, where } from "@thalweg/tensor";
import { checkArguments, checkElements, kinds } from "@thalweg/tensor/internal";
import { type Distribution, ReparameterizedDistribution, type SampleOptions } from "./distribution";
import { DistributionError } from "./distribution-error";
import {
  broadcastParameters,
  checkEach,
  type DistributionOptions,
  distributionOptions,
  real,
  unchecked,
} from "./parameters";

const logDensity = /* @__PURE__ */ pointwise(
  "uniformLogProb",
  (value, low, high) => value.ge(low).mul(value.lt(high)).log().sub(high.sub(low).log()),
  {
    domain: [
      { min: 0.2, max: 0.8 },
      { min: -2, max: 0 },
      { min: 1, max: 2 },
    ],
  },
);

/** Throws if an element of a tensor of conditions is true. */
function refuse(op: string, conditions: Tensor, problem: string): void {
  checkElements(op, conditions, (x) => {
    if (x.any().item() !== 0) throw new DistributionError(op, problem, unchecked);
  });
}

/**
 * The uniform distribution from `low` to `high`, which samples do not reach. Both are numbers or tensors, which broadcast.
 *
 * @example
 * new Uniform(tensor([0, 1]), 3).variance.mul(12).toArray(); // → [9,4]
 */
export class Uniform extends ReparameterizedDistribution {
  /** The least value. */
  readonly low: Tensor;
  /** The bound of values. */
  readonly high: Tensor;

  /** @throws DistributionError when a bound is not above its least value, or a parameter is NaN; DTypeError for ints. */
  constructor(low: Operand, high: Operand, options: DistributionOptions = {}) {
    const takes = { low: kinds.operand, high: kinds.operand, options: distributionOptions };
    checkArguments("Uniform", takes, [low, high, options]);
    const [least, bound] = broadcastParameters(
      "Uniform",
      { low: [low, real], high: [high, real] },
      options,
    ) as [Tensor, Tensor];
    if (options.validateArgs !== false) {
      refuse("Uniform", least.detach().ge(bound.detach()), "high must be above low");
    }
    super("Uniform", { low: least, high: bound }, least.shape, options);
    this.low = least;
    this.high = bound;
  }

  override get mean(): Tensor {
    return this.low.add(this.high).div(2);
  }

  override get variance(): Tensor {
    return this.high.sub(this.low).square().div(12);
  }

  override get stddev(): Tensor {
    return this.high.sub(this.low).div(Math.sqrt(12));
  }

  override entropy(): Tensor {
    return this.high.sub(this.low).log();
  }

  /** @internal */
  override divergence(other: Distribution): Tensor | null {
    if (!(other instanceof Uniform)) return null;
    const ratio = other.high.sub(other.low).div(this.high.sub(this.low));
    const isWithin = other.low.le(this.low).logicalAnd(other.high.ge(this.high));
    return where(isWithin, ratio.log(), Number.POSITIVE_INFINITY);
  }

  /** @internal */
  protected override draw(shape: Shape, options: SampleOptions): Tensor {
    return rand(shape, this.place(options)).mul(this.high.sub(this.low)).add(this.low);
  }

  /** @internal */
  protected override checkValue(op: string, value: Tensor): void {
    checkEach(op, "value", value, real);
    const x = value.detach();
    const isOutside = x.lt(this.low.detach()).logicalOr(x.gt(this.high.detach()));
    refuse(op, isOutside, "a value is not between low and high");
  }

  /** @internal */
  protected override logDensity(value: Tensor): Tensor {
    return logDensity(value, this.low, this.high);
  }
}
