import { noGrad } from "@thalweg/autograd";
import {
  ArgumentError,
  type Generator,
  type Operand,
  type RandomOptions,
  type Shape,
  type Tensor,
} from "@thalweg/tensor";
import {
  checkArguments,
  formatShape,
  generatorKind,
  kinds,
  named,
  optional,
  options as optionsOf,
  type Signature,
} from "@thalweg/tensor/internal";
import { asTensor, type DistributionOptions } from "./parameters";

/** Options of `sample` and `rsample`. */
export interface SampleOptions {
  /** Source of the numbers; the generator that `manualSeed` seeds unless given. */
  readonly generator?: Generator;
}

const sampleArguments: Signature = {
  sampleShape: /* @__PURE__ */ optional(kinds.shape),
  options: /* @__PURE__ */ optionsOf<SampleOptions>({ generator: generatorKind }),
};
const valueArguments: Signature = { value: kinds.operand };

/**
 * A batch of probability distributions of numbers, with PyTorch's names. Parameters broadcast to `batchShape`, and results are differentiable by
 * them, except for samples.
 */
export abstract class Distribution {
  /** The shape of the parameters: one distribution for each element. */
  readonly batchShape: Shape;
  /** The shape of one value: [] for the distributions of numbers. */
  readonly eventShape: Shape = [];
  /** @internal */
  readonly className: string;
  /** @internal */
  protected readonly validates: boolean;
  private readonly parameters: Readonly<Record<string, Tensor>>;

  /** @internal */
  constructor(
    className: string,
    parameters: Readonly<Record<string, Tensor>>,
    batchShape: Shape,
    options: DistributionOptions,
  ) {
    if (new.target === Distribution) {
      throw new ArgumentError("Distribution", "has no formulas", "use one such as Normal");
    }
    this.className = className;
    this.parameters = parameters;
    this.batchShape = batchShape;
    this.validates = options.validateArgs !== false;
  }

  /** The mean of each distribution. */
  abstract get mean(): Tensor;

  /** The variance of each distribution. */
  abstract get variance(): Tensor;

  /** The standard deviation of each distribution. */
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /**
   * Draws values: a tensor of shape [...sampleShape, ...batchShape], without a gradient. `sampleShape` is [] unless given, which draws one
   * value from each distribution.
   */
  sample(sampleShape: Shape = [], options: SampleOptions = {}): Tensor {
    return noGrad(() => this.drawn("sample", sampleShape, options));
  }

  /**
   * The logarithm of the probability of values, or of their density. A value is a number or a tensor, which broadcasts with `batchShape`.
   *
   * @throws DistributionError for a value that the distributions do not have, unless `validateArgs` is false.
   */
  logProb(value: Operand): Tensor {
    const op = `${this.className}.logProb`;
    checkArguments(op, valueArguments, [value]);
    return named(op, () => {
      const x = asTensor(value, this.like);
      if (this.validates) this.checkValue(op, x);
      return this.logDensity(x);
    });
  }

  /** The entropy of each distribution, in nats. */
  abstract entropy(): Tensor;

  /** The class and its parameters, or the shapes of those that have several elements. */
  toString(): string {
    const texts = Object.entries(this.parameters).map(([name, x]) => {
      const isReadable = x.size === 1 && x.device === "cpu";
      return `${name}: ${isReadable ? x.item() : formatShape(x.shape)}`;
    });
    return `${this.className}(${texts.join(", ")})`;
  }

  /** The divergence of another distribution from this one; null if there is no formula. @internal */
  abstract divergence(other: Distribution): Tensor | null;

  /** Draws values of a whole shape. @internal */
  protected abstract draw(shape: Shape, options: SampleOptions): Tensor;

  /** Throws for elements that are no values of the distributions. @internal */
  protected abstract checkValue(op: string, value: Tensor): void;

  /** @internal */
  protected abstract logDensity(value: Tensor): Tensor;

  /** A tensor whose type and device samples have. @internal */
  protected get like(): Tensor {
    return Object.values(this.parameters)[0]!;
  }

  /** Draws values for a method of this name. @internal */
  protected drawn(method: string, sampleShape: Shape, options: SampleOptions): Tensor {
    const op = `${this.className}.${method}`;
    checkArguments(op, sampleArguments, [sampleShape, options]);
    return named(op, () => this.draw([...sampleShape, ...this.batchShape], options));
  }

  /** Where and of which type random numbers are drawn. @internal */
  protected place({ generator }: SampleOptions): RandomOptions {
    const { dtype, device } = this.like;
    return generator === undefined ? { dtype, device } : { dtype, device, generator };
  }
}

/** A distribution whose samples are differentiable functions of its parameters, and of random numbers without any. */
export abstract class ReparameterizedDistribution extends Distribution {
  /**
   * Draws the same values as `sample` does, as a differentiable function of the parameters (the reparameterisation of Kingma and
   * Welling, 2014). `sampleShape` is [] unless given.
   */
  rsample(sampleShape: Shape = [], options: SampleOptions = {}): Tensor {
    return this.drawn("rsample", sampleShape, options);
  }
}
