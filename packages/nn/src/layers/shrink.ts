import { hardshrink, softshrink, type Tensor, threshold } from "@thalweg/tensor";
import { atLeastZero, checkArguments, finite, optional } from "@thalweg/tensor/internal";
import { Layer } from "../module";
import type { Own } from "../own";

const ofThreshold: Own = {
  name: "Threshold",
  takes: { threshold: finite, value: finite },
  keepsNothing: true,
};

/** x above `threshold`, `value` elsewhere. */
export class Threshold extends Layer {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    checkArguments(ofThreshold.name, ofThreshold.takes, arguments);
    this.threshold = threshold;
    this.value = value;
  }

  override forward(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value);
  }

  protected override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofThreshold;
  }
}

const ofHardshrink: Own = {
  name: "Hardshrink",
  takes: { lambd: /* @__PURE__ */ optional(finite) },
  keepsNothing: true,
};

/** 0 from -`lambd` to `lambd`, x elsewhere; `lambd` is 0.5 unless given. */
export class Hardshrink extends Layer {
  readonly lambd: number;

  constructor(lambd = 0.5) {
    super();
    checkArguments(ofHardshrink.name, ofHardshrink.takes, arguments);
    this.lambd = lambd;
  }

  override forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambd);
  }

  protected override extraRepr(): string {
    return `lambd=${this.lambd}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofHardshrink;
  }
}

const ofSoftshrink: Own = {
  name: "Softshrink",
  takes: { lambd: /* @__PURE__ */ optional(atLeastZero) },
  keepsNothing: true,
};

/** 0 from -`lambd` to `lambd`, and elsewhere `lambd` nearer to 0 than x; `lambd` is 0.5 unless given. */
export class Softshrink extends Layer {
  readonly lambd: number;

  constructor(lambd = 0.5) {
    super();
    checkArguments(ofSoftshrink.name, ofSoftshrink.takes, arguments);
    this.lambd = lambd;
  }

  override forward(x: Tensor): Tensor {
    return softshrink(x, this.lambd);
  }

  protected override extraRepr(): string {
    return `lambd=${this.lambd}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofSoftshrink;
  }
}
