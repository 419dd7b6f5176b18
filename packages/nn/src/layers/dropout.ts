import { bernoulli, type Generator, type Tensor } from "@thalweg/tensor";
import { checkArguments, generatorKind, optional, options, probability } from "@thalweg/tensor/internal";
import { Layer } from "../module";
import type { Own } from "../own";

/** Options of {@link Dropout}. */
export interface DropoutOptions {
  /** The source of random numbers; the default generator unless given. */
  readonly generator?: Generator;
}

const own: Own = {
  name: "Dropout",
  takes: {
    p: /* @__PURE__ */ optional(probability),
    options: /* @__PURE__ */ options<DropoutOptions>({ generator: generatorKind }),
  },
  keepsNothing: true,
};

/**
 * While training, sets elements to 0 with probability `p` and divides the others by 1 - p, so that the mean stays
 * the same (Hinton et al., 2012). Otherwise returns its input. Any shape.
 */
export class Dropout extends Layer {
  readonly p: number;
  private readonly generator: Generator | undefined;

  /** @param p 0.5 unless given */
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    this.p = p;
    this.generator = options.generator;
  }

  override forward(x: Tensor): Tensor {
    return this.training ? dropped(x, this.p, this.generator) : x;
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}

/** {@link Dropout} while training. */
export function dropped(x: Tensor, p: number, generator?: Generator): Tensor {
  if (p === 0) return x;
  if (p === 1) return x.mul(0);
  const place = { device: x.device, dtype: x.dtype };
  const options = generator === undefined ? place : { ...place, generator };
  const kept = bernoulli(x.shape, 1 - p, options);
  return x.mul(kept.div(1 - p));
}
