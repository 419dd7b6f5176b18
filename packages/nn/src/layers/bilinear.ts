import { linear, ShapeError, type Tensor } from "@thalweg/tensor";
import {
  checkArguments,
  count,
  formatShape,
  positive,
  sameShape,
  tensorKind,
} from "@thalweg/tensor/internal";
import { uniform_ } from "../init";
import { Module } from "../module";
import { biasOption, fresh, type Own } from "../own";
import type { Parameter } from "../parameter";

const own: Own = {
  name: "Bilinear",
  takes: { in1Features: positive, in2Features: count, outFeatures: count, options: biasOption },
  inputs: { x1: tensorKind, x2: tensorKind },
};

/**
 * yₒ = x₁ᵀ·Wₒ·x₂ + bₒ: [..., in1], [..., in2] -> [..., out]. `weight` is [out, in1, in2], `bias` [out]; both start
 * uniform in ±1/√in1.
 *
 * @example
 * new Bilinear(2, 3, 4).forward(zeros([5, 2]), zeros([5, 3])).shape; // → [5,4]
 */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  /** @param options.bias whether to add a bias; true unless given */
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: { readonly bias?: boolean } = {},
  ) {
    super();
    checkArguments(own.name, own.takes, arguments);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.registerParameter("weight", fresh(own.name, [outFeatures, in1Features, in2Features]));
    this.registerParameter("bias", (options.bias ?? true) ? fresh(own.name, [outFeatures]) : null);
    this.resetParameters();
  }

  /** Draws new parameters. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    for (const parameter of this.parameters()) uniform_(parameter, { low: -bound, high: bound });
  }

  /** @throws ShapeError when the inputs differ in all but the last dimension, or do not fit the weight. */
  override forward(x1: Tensor, x2: Tensor): Tensor {
    const { in1Features, in2Features, outFeatures } = this;
    const lead = x1.shape.slice(0, -1);
    const fits = x1.shape.at(-1) === in1Features && x2.shape.at(-1) === in2Features;
    if (!fits || !sameShape(lead, x2.shape.slice(0, -1))) {
      throw new ShapeError(
        "Bilinear",
        `the inputs do not fit, shapes ${formatShape(x1.shape)} and ${formatShape(x2.shape)}`,
        `they must be [..., ${in1Features}] and [..., ${in2Features}], and otherwise equal`,
        [x1.shape, x2.shape],
      );
    }
    const rows = this.weight.transpose(1, 2).reshape([outFeatures * in2Features, in1Features]);
    const products = linear(x1, rows).reshape([...lead, outFeatures, in2Features]);
    const y = products.mul(x2.unsqueeze(-2)).sum(-1);
    return this.bias === null ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return `in1Features=${in1Features}, in2Features=${in2Features}, outFeatures=${outFeatures}, bias=${bias !== null}`;
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
