import {
  hardsigmoid,
  hardswish,
  logSigmoid,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softsign,
  type Tensor,
  tanh,
  type Unary,
} from "@thalweg/tensor";
import { Layer } from "../module";

/** Makes the module of an activation that takes no options. */
function activation(name: string, operation: Unary): new () => Layer {
  const Class = class extends Layer {
    override forward(x: Tensor): Tensor {
      return operation(x);
    }

    override get elementwise(): Unary {
      return operation;
    }

    protected override get transparentAs(): unknown {
      return Class;
    }
  };
  Object.defineProperty(Class, "name", { value: name });
  return Class;
}

/** max(x, 0). */
export const ReLU: new () => Layer = /* @__PURE__ */ activation("ReLU", relu);
/** min(max(x, 0), 6). */
export const ReLU6: new () => Layer = /* @__PURE__ */ activation("ReLU6", relu6);
/** Self-normalising scaled elu. */
export const SELU: new () => Layer = /* @__PURE__ */ activation("SELU", selu);
/** x·sigmoid(x), also called swish. */
export const SiLU: new () => Layer = /* @__PURE__ */ activation("SiLU", silu);
/** x·tanh(softplus(x)). */
export const Mish: new () => Layer = /* @__PURE__ */ activation("Mish", mish);
/** 1/(1 + e⁻ˣ). */
export const Sigmoid: new () => Layer = /* @__PURE__ */ activation("Sigmoid", sigmoid);
/** Hyperbolic tangent. */
export const Tanh: new () => Layer = /* @__PURE__ */ activation("Tanh", tanh);
/** x/(1 + |x|). */
export const Softsign: new () => Layer = /* @__PURE__ */ activation("Softsign", softsign);
/** relu6(x + 3)/6. */
export const Hardsigmoid: new () => Layer = /* @__PURE__ */ activation("Hardsigmoid", hardsigmoid);
/** x·hardsigmoid(x). */
export const Hardswish: new () => Layer = /* @__PURE__ */ activation("Hardswish", hardswish);
/** log(sigmoid(x)), without overflow. */
export const LogSigmoid: new () => Layer = /* @__PURE__ */ activation("LogSigmoid", logSigmoid);

/** x above 0, `negativeSlope`·x elsewhere. */
export class LeakyReLU extends Layer {
  readonly negativeSlope: number;

  constructor(negativeSlope = 0.01) {
    super();
    this.negativeSlope = negativeSlope;
  }

  override forward(x: Tensor): Tensor {
    return x.leakyRelu(this.negativeSlope);
  }

  protected override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`;
  }

  protected override get transparentAs(): unknown {
    return LeakyReLU;
  }
}

/** x above 0, `alpha`·(eˣ - 1) elsewhere. */
export class ELU extends Layer {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return x.elu(this.alpha);
  }

  protected override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }

  protected override get transparentAs(): unknown {
    return ELU;
  }
}

/** x above 0, `alpha`·(e^(x/alpha) - 1) elsewhere. */
export class CELU extends Layer {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return x.celu(this.alpha);
  }

  protected override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }

  protected override get transparentAs(): unknown {
    return CELU;
  }
}

/** x·Φ(x), or its approximation by tanh. */
export class GELU extends Layer {
  readonly approximate: "none" | "tanh";

  constructor({ approximate = "none" }: { readonly approximate?: "none" | "tanh" } = {}) {
    super();
    this.approximate = approximate;
  }

  override forward(x: Tensor): Tensor {
    return x.gelu({ approximate: this.approximate });
  }

  protected override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }

  protected override get transparentAs(): unknown {
    return GELU;
  }
}

/** log(1 + e^(`beta`·x))/`beta`, the identity above `threshold`. */
export class Softplus extends Layer {
  readonly beta: number;
  readonly threshold: number;

  constructor({ beta = 1, threshold = 20 }: { readonly beta?: number; readonly threshold?: number } = {}) {
    super();
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(x: Tensor): Tensor {
    return x.softplus({ beta: this.beta, threshold: this.threshold });
  }

  protected override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }

  protected override get transparentAs(): unknown {
    return Softplus;
  }
}

/** Limits to [min, max]. */
export class Hardtanh extends Layer {
  readonly min: number;
  readonly max: number;

  constructor(min = -1, max = 1) {
    super();
    this.min = min;
    this.max = max;
  }

  override forward(x: Tensor): Tensor {
    return x.hardtanh(this.min, this.max);
  }

  protected override extraRepr(): string {
    return `min=${this.min}, max=${this.max}`;
  }

  protected override get transparentAs(): unknown {
    return Hardtanh;
  }
}

/** Positive numbers that add up to 1 along `dim`. */
export class Softmax extends Layer {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }

  protected override get transparentAs(): unknown {
    return Softmax;
  }
}

/** Logarithm of {@link Softmax}. */
export class LogSoftmax extends Layer {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }

  protected override get transparentAs(): unknown {
    return LogSoftmax;
  }
}
