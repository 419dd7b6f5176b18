import { dropout, type Generator, type Tensor } from "@thalweg/tensor";
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
  return dropout(x, generator === undefined ? { p } : { p, generator });
}
