import {
  type GELUOptions,
  hardsigmoid,
  hardswish,
  logSigmoid,
  mish,
  relu,
  relu6,
  type SoftplusOptions,
  selu,
  sigmoid,
  silu,
  softmin,
  softsign,
  type Tensor,
  ThalwegError,
  tanh,
  tanhshrink,
  type Unary,
} from "@thalweg/tensor";
import { checkArguments, finite, integer, oneOf, optional, options, real } from "@thalweg/tensor/internal";
import { called } from "../guard";
import { Layer } from "../module";
import type { Own } from "../own";

export type { GELUOptions, SoftplusOptions };

/** Makes the module of an activation that takes no options. */
function activation(name: string, elementwise: Unary): new () => Layer {
  const own: Own = { name, takes: {}, keepsNothing: true };
  const Class = class extends Layer {
    constructor() {
      super();
      checkArguments(name, own.takes, arguments);
    }

    override forward(x: Tensor): Tensor {
      return elementwise(x);
    }

    override get $own(): Own {
      return own;
    }
  };
  return called(name, Class);
}

/** max(x, 0). */
export const ReLU: new () => Layer = /* @__PURE__ */ activation("ReLU", relu);
/** An instance of {@link ReLU}. */
export type ReLU = Layer;

/** min(max(x, 0), 6). */
export const ReLU6: new () => Layer = /* @__PURE__ */ activation("ReLU6", relu6);
/** An instance of {@link ReLU6}. */
export type ReLU6 = Layer;

/** Self-normalising scaled elu. */
export const SELU: new () => Layer = /* @__PURE__ */ activation("SELU", selu);
/** An instance of {@link SELU}. */
export type SELU = Layer;

/** x·sigmoid(x), also called swish. */
export const SiLU: new () => Layer = /* @__PURE__ */ activation("SiLU", silu);
/** An instance of {@link SiLU}. */
export type SiLU = Layer;

/** x·tanh(softplus(x)). */
export const Mish: new () => Layer = /* @__PURE__ */ activation("Mish", mish);
/** An instance of {@link Mish}. */
export type Mish = Layer;

/** 1/(1 + e⁻ˣ). */
export const Sigmoid: new () => Layer = /* @__PURE__ */ activation("Sigmoid", sigmoid);
/** An instance of {@link Sigmoid}. */
export type Sigmoid = Layer;

/** Hyperbolic tangent. */
export const Tanh: new () => Layer = /* @__PURE__ */ activation("Tanh", tanh);
/** An instance of {@link Tanh}. */
export type Tanh = Layer;

/** x/(1 + |x|). */
export const Softsign: new () => Layer = /* @__PURE__ */ activation("Softsign", softsign);
/** An instance of {@link Softsign}. */
export type Softsign = Layer;

/** relu6(x + 3)/6. */
export const Hardsigmoid: new () => Layer = /* @__PURE__ */ activation("Hardsigmoid", hardsigmoid);
/** An instance of {@link Hardsigmoid}. */
export type Hardsigmoid = Layer;

/** x·hardsigmoid(x). */
export const Hardswish: new () => Layer = /* @__PURE__ */ activation("Hardswish", hardswish);
/** An instance of {@link Hardswish}. */
export type Hardswish = Layer;

/** log(sigmoid(x)), without overflow. */
export const LogSigmoid: new () => Layer = /* @__PURE__ */ activation("LogSigmoid", logSigmoid);
/** An instance of {@link LogSigmoid}. */
export type LogSigmoid = Layer;

/** x - tanh(x). */
export const Tanhshrink: new () => Layer = /* @__PURE__ */ activation("Tanhshrink", tanhshrink);
/** An instance of {@link Tanhshrink}. */
export type Tanhshrink = Layer;

const ofLeakyReLU: Own = {
  name: "LeakyReLU",
  takes: { negativeSlope: /* @__PURE__ */ optional(finite) },
  keepsNothing: true,
};

/** x above 0, `negativeSlope`·x elsewhere; 0.01 unless given. */
export class LeakyReLU extends Layer {
  readonly negativeSlope: number;

  constructor(negativeSlope = 0.01) {
    super();
    checkArguments(ofLeakyReLU.name, ofLeakyReLU.takes, arguments);
    this.negativeSlope = negativeSlope;
  }

  override forward(x: Tensor): Tensor {
    return x.leakyRelu(this.negativeSlope);
  }

  protected override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofLeakyReLU;
  }
}

const ofELU: Own = { name: "ELU", takes: { alpha: /* @__PURE__ */ optional(finite) }, keepsNothing: true };

/** x above 0, `alpha`·(eˣ - 1) elsewhere; `alpha` is 1 unless given. */
export class ELU extends Layer {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    checkArguments(ofELU.name, ofELU.takes, arguments);
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return x.elu(this.alpha);
  }

  protected override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofELU;
  }
}

const ofCELU: Own = { name: "CELU", takes: { alpha: /* @__PURE__ */ optional(finite) }, keepsNothing: true };

/** x above 0, `alpha`·(e^(x/alpha) - 1) elsewhere; `alpha` is 1 unless given, and never 0. */
export class CELU extends Layer {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    checkArguments(ofCELU.name, ofCELU.takes, arguments);
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return x.celu(this.alpha);
  }

  protected override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofCELU;
  }
}

const geluOptions = /* @__PURE__ */ options<GELUOptions>({
  approximate: /* @__PURE__ */ oneOf("none", "tanh"),
});
const ofGELU: Own = { name: "GELU", takes: { options: geluOptions }, keepsNothing: true };

/** x·Φ(x), or its approximation by tanh. */
export class GELU extends Layer {
  readonly approximate: "none" | "tanh";

  constructor(options: GELUOptions = {}) {
    super();
    checkArguments(ofGELU.name, ofGELU.takes, arguments);
    this.approximate = options.approximate ?? "none";
  }

  override forward(x: Tensor): Tensor {
    return x.gelu({ approximate: this.approximate });
  }

  protected override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofGELU;
  }
}

const softplusOptions = /* @__PURE__ */ options<SoftplusOptions>({ beta: finite, threshold: finite });
const ofSoftplus: Own = { name: "Softplus", takes: { options: softplusOptions }, keepsNothing: true };

/** log(1 + e^(`beta`·x))/`beta`, the identity above `threshold`. */
export class Softplus extends Layer {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: SoftplusOptions = {}) {
    super();
    checkArguments(ofSoftplus.name, ofSoftplus.takes, arguments);
    this.beta = options.beta ?? 1;
    this.threshold = options.threshold ?? 20;
  }

  override forward(x: Tensor): Tensor {
    return x.softplus({ beta: this.beta, threshold: this.threshold });
  }

  protected override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofSoftplus;
  }
}

const ofHardtanh: Own = {
  name: "Hardtanh",
  takes: { min: /* @__PURE__ */ optional(real), max: /* @__PURE__ */ optional(real) },
  keepsNothing: true,
};

/** Limits to [min, max], [-1, 1] unless given. */
export class Hardtanh extends Layer {
  readonly min: number;
  readonly max: number;

  constructor(min = -1, max = 1) {
    super();
    checkArguments(ofHardtanh.name, ofHardtanh.takes, arguments);
    if (min > max) {
      throw new ThalwegError("Hardtanh", `min is above max, ${min} and ${max}`, "exchange them");
    }
    this.min = min;
    this.max = max;
  }

  override forward(x: Tensor): Tensor {
    return x.hardtanh(this.min, this.max);
  }

  protected override extraRepr(): string {
    return `min=${this.min}, max=${this.max}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofHardtanh;
  }
}

const ofSoftmax: Own = { name: "Softmax", takes: { dim: integer }, keepsNothing: true };

/** Positive numbers that add up to 1 along `dim`, which may be counted from the end. */
export class Softmax extends Layer {
  readonly dim: number;

  constructor(dim: number) {
    super();
    checkArguments(ofSoftmax.name, ofSoftmax.takes, arguments);
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofSoftmax;
  }
}

const ofSoftmin: Own = { name: "Softmin", takes: { dim: integer }, keepsNothing: true };

/** {@link Softmax} of -x. */
export class Softmin extends Layer {
  readonly dim: number;

  constructor(dim: number) {
    super();
    checkArguments(ofSoftmin.name, ofSoftmin.takes, arguments);
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return softmin(x, this.dim);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofSoftmin;
  }
}

const ofLogSoftmax: Own = { name: "LogSoftmax", takes: { dim: integer }, keepsNothing: true };

/** Logarithm of {@link Softmax}. */
export class LogSoftmax extends Layer {
  readonly dim: number;

  constructor(dim: number) {
    super();
    checkArguments(ofLogSoftmax.name, ofLogSoftmax.takes, arguments);
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofLogSoftmax;
  }
}
