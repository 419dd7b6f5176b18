import {
  bernoulli,
  type Operand,
  pointwise,
  type Shape,
  softplus,
  type Tensor,
  where,
} from "@thalweg/tensor";
import { checkArguments, kinds } from "@thalweg/tensor/internal";
import { Distribution, type SampleOptions } from "./distribution";
import {
  broadcastParameters,
  checkEach,
  type DistributionOptions,
  distributionOptions,
  outcome,
  probability,
  real,
} from "./parameters";
import { clampProbs, eitherOf, type LogitsOrProbs, logitsOrProbs } from "./probs";

/** Expected log-probability of outcomes that are 1 with probability `t`, in terms that are never large and of opposite signs. */
const logDensity = /* @__PURE__ */ pointwise("bernoulliLogProb", (t, x) => {
  const isPositive = x.gt(0);
  const size = isPositive.choose(x, x.neg());
  return isPositive.choose(t.rsub(1), t).mul(size).add(size.neg().softplus()).neg();
});

/** The part of a divergence that belongs to one outcome, with its probability in both distributions. */
function part(p: Tensor, q: Tensor, difference: Tensor): Tensor {
  const isImpossible = p.eq(0);
  const term = p.mul(where(isImpossible, 0, difference));
  return where(q.eq(0).logicalAnd(isImpossible.logicalNot()), Number.POSITIVE_INFINITY, term);
}

/**
 * Distributions of 0 and 1: 1 has the probability `probs`, or the log-odds `logits`. Either `probs` or `logits` is left out; the other is a number
 * or a tensor of shape `batchShape`.
 *
 * @example
 * const coin = new Bernoulli({ probs: 0.25 });
 * coin.logProb(1).exp().item(); // → 0.25
 */
export class Bernoulli extends Distribution {
  private readonly given: LogitsOrProbs<Tensor>;

  /** @throws DistributionError unless `probs` are from 0 to 1, or `logits` are not NaN; DTypeError for ints. */
  constructor(parameters: LogitsOrProbs<Operand>, options: DistributionOptions = {}) {
    const takes = { parameters: logitsOrProbs(kinds.operand), options: distributionOptions };
    checkArguments("Bernoulli", takes, [parameters, options]);
    const [name, value] = eitherOf("Bernoulli", parameters);
    const constraint = name === "probs" ? probability : real;
    const [x] = broadcastParameters("Bernoulli", { [name]: [value, constraint] }, options) as [Tensor];
    super("Bernoulli", { [name]: x }, x.shape, options);
    this.given = name === "probs" ? { probs: x } : { logits: x };
  }

  /** The probabilities of 1. */
  get probs(): Tensor {
    const { probs, logits } = this.given;
    return probs ?? logits.sigmoid();
  }

  /** The logarithms of the odds of 1. Probabilities of 0 and 1 count as the nearest ones that have finite odds. */
  get logits(): Tensor {
    const { probs, logits } = this.given;
    if (logits !== undefined) return logits;
    const p = clampProbs(probs);
    return p.log().sub(p.neg().log1p());
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get variance(): Tensor {
    const { probs } = this;
    return probs.mul(probs.neg().add(1));
  }

  override entropy(): Tensor {
    return logDensity(this.probs, this.logits).neg();
  }

  /** @internal */
  override divergence(other: Distribution): Tensor | null {
    if (!(other instanceof Bernoulli)) return null;
    const [p, q, a, b] = [this.probs, other.probs, this.logits, other.logits];
    const ofOne = part(p, q, softplus(b.neg()).sub(softplus(a.neg())));
    const ofZero = part(p.neg().add(1), q.neg().add(1), softplus(b).sub(softplus(a)));
    return ofOne.add(ofZero);
  }

  /** @internal */
  protected override draw(shape: Shape, { generator }: SampleOptions): Tensor {
    return bernoulli(this.probs.expand(shape), generator === undefined ? {} : { generator });
  }

  /** @internal */
  protected override checkValue(op: string, value: Tensor): void {
    checkEach(op, "value", value, outcome);
  }

  /** @internal */
  protected override logDensity(value: Tensor): Tensor {
    return logDensity(value.to(this.like.dtype), this.logits);
  }
}
