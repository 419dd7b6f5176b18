import {
  broadcastTensors,
  full,
  multinomial,
  type Shape,
  ShapeError,
  type Tensor,
  where,
  zeros,
} from "@thalweg/tensor";
import { checkArguments, formatShape, tensorKind } from "@thalweg/tensor/internal";
import { Distribution, type SampleOptions } from "./distribution";
import {
  checkEach,
  checkFloating,
  type DistributionOptions,
  distributionOptions,
  nonnegative,
  real,
} from "./parameters";
import { clampProbs, eitherOf, type LogitsOrProbs, logitsOrProbs } from "./probs";

/**
 * Distributions of the whole numbers from 0 to k - 1, with probabilities proportional to `probs`, or to e to the power of `logits`. Either `probs`
 * or `logits` is left out; the other is a tensor of shape [...batchShape, k], which is normalised, so that probabilities add up to 1
 * along the last dimension.
 *
 * @example
 * const policy = new Categorical({ logits: tensor([[0, 0], [1, -1]]) });
 * policy.batchShape; // → [2]
 * policy.entropy().select(0, 0).item() === Math.fround(Math.log(2)); // → true
 */
export class Categorical extends Distribution {
  private readonly given: LogitsOrProbs;
  private readonly categories: number;

  /**
   * @throws DistributionError when probabilities are negative or all are 0, or logits are NaN; ShapeError for a scalar, or without categories;
   * DTypeError for ints.
   */
  constructor(parameters: LogitsOrProbs, options: DistributionOptions = {}) {
    const takes = { parameters: logitsOrProbs(tensorKind), options: distributionOptions };
    checkArguments("Categorical", takes, [parameters, options]);
    const [name, x] = eitherOf("Categorical", parameters);
    checkFloating("Categorical", name, x);
    const categories = x.shape.at(-1) ?? 0;
    if (categories === 0) {
      const problem = `${name} hold no categories, shape ${formatShape(x.shape)}`;
      throw new ShapeError("Categorical", problem, "pass [...batch, categories]", [x.shape]);
    }
    const isChecked = options.validateArgs !== false;
    if (isChecked) checkEach("Categorical", name, x, name === "probs" ? nonnegative : real);
    const normalised = name === "probs" ? x.div(x.sum(-1, { keepDim: true })) : x.logSoftmax(-1);
    if (isChecked) checkEach("Categorical", `normalised ${name}`, normalised, real);
    super("Categorical", { [name]: normalised }, x.shape.slice(0, -1), options);
    this.given = name === "probs" ? { probs: normalised } : { logits: normalised };
    this.categories = categories;
  }

  /** The probabilities, normalised. */
  get probs(): Tensor {
    const { probs, logits } = this.given;
    return probs ?? logits.softmax(-1);
  }

  /** The logarithms of the probabilities. A given probability of 0 counts as the distance from 1 to the next number of its type. */
  get logits(): Tensor {
    const { probs, logits } = this.given;
    return logits ?? clampProbs(probs).log();
  }

  /** NaN: categories are no quantities. */
  override get mean(): Tensor {
    const { dtype, device } = this.like;
    return full(this.batchShape, Number.NaN, { dtype, device });
  }

  /** NaN: categories are no quantities. */
  override get variance(): Tensor {
    return this.mean;
  }

  override entropy(): Tensor {
    const { logits } = this;
    const finite = where(logits.eq(Number.NEGATIVE_INFINITY), 0, logits);
    return finite.mul(this.probs).sum(-1).neg();
  }

  /** @internal */
  override divergence(other: Distribution): Tensor | null {
    if (!(other instanceof Categorical)) return null;
    const [p, q] = [this.probs, other.probs];
    const [isImpossible, isUnexpected] = [p.eq(0), q.eq(0)];
    const difference = where(isImpossible.logicalOr(isUnexpected), 0, this.logits.sub(other.logits));
    const isInfinite = isUnexpected.logicalAnd(isImpossible.logicalNot());
    return where(isInfinite, Number.POSITIVE_INFINITY, p.mul(difference)).sum(-1);
  }

  /** @internal */
  protected override draw(shape: Shape, { generator }: SampleOptions): Tensor {
    const { probs, batchShape, categories } = this;
    const rows = batchShape.reduce((a, b) => a * b, 1);
    const count = shape.slice(0, shape.length - batchShape.length).reduce((a, b) => a * b, 1);
    if (rows * count === 0) return zeros(shape, { dtype: "int32", device: probs.device });
    const drawn = multinomial(probs.reshape([rows, categories]), count, {
      replacement: true,
      ...(generator && { generator }),
    });
    return drawn.transpose(0, 1).reshape(shape);
  }

  /** @internal */
  protected override checkValue(op: string, value: Tensor): void {
    const last = this.categories - 1;
    checkEach(op, "value", value, {
      must: `a whole number from 0 to ${last}`,
      holds: (x) => Number.isInteger(x) && x >= 0 && x <= last,
    });
  }

  /** @internal */
  protected override logDensity(value: Tensor): Tensor {
    const [indices, logits] = broadcastTensors([value.unsqueeze(-1), this.logits]) as [Tensor, Tensor];
    return logits.gather(-1, indices.narrow(-1, 0, 1)).squeeze(-1);
  }
}
