import { dropout, dropout2d, type Generator, ShapeError, type Tensor } from "@thalweg/tensor";
import {
  checkArguments,
  formatShape,
  generatorKind,
  optional,
  options,
  probability,
  type Signature,
} from "@thalweg/tensor/internal";
import { called } from "../guard";
import { Layer } from "../module";
import type { Own } from "../own";

/** Options of {@link Dropout}. */
export interface DropoutOptions {
  /** The source of random numbers; the default generator unless given. */
  readonly generator?: Generator;
}

const takes: Signature = {
  p: /* @__PURE__ */ optional(probability),
  options: /* @__PURE__ */ options<DropoutOptions>({ generator: generatorKind }),
};
const own: Own = { name: "Dropout", takes, keepsNothing: true };

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

/** A layer that drops whole channels with a probability. */
export interface ChannelDropout extends Layer {
  readonly p: number;
}

/** The class of such a layer: `new Dropout2d(0.2)`; 0.5 unless given. */
export type ChannelDropoutClass = new (p?: number, options?: DropoutOptions) => ChannelDropout;

/** Makes the class for inputs whose rank is one of two; of the lower one, `isUnbatched` tells whether it lacks the batch. */
function ofChannels(
  name: string,
  ranks: readonly [number, number],
  isUnbatched: boolean,
): ChannelDropoutClass {
  const own: Own = { name, takes, keepsNothing: true };
  const Class = class extends Layer {
    readonly p: number;
    readonly #generator: Generator | undefined;

    constructor(p = 0.5, options: DropoutOptions = {}) {
      super();
      checkArguments(name, takes, arguments);
      this.p = p;
      this.#generator = options.generator;
    }

    override forward(x: Tensor): Tensor {
      if (!ranks.includes(x.ndim)) {
        const expected = `it must have ${ranks.join(" or ")} dimensions`;
        throw new ShapeError(name, `the input has shape ${formatShape(x.shape)}`, expected, [x.shape]);
      }
      if (!this.training) return x;
      const drop = (y: Tensor) => dropout2d(y, optionsOf(this.p, this.#generator));
      return isUnbatched && x.ndim === ranks[0] ? drop(x.unsqueeze(0)).squeeze(0) : drop(x);
    }

    protected override extraRepr(): string {
      return `p=${this.p}`;
    }

    override get $own(): Own {
      return own;
    }
  };
  return called(name, Class);
}

/**
 * While training, sets whole channels of sequences to 0 with probability `p`, 0.5 unless given, and divides the others by
 * 1 - p (Tompson et al., 2015). Otherwise returns its input: [batch, channels, length] or [channels, length].
 */
export const Dropout1d: ChannelDropoutClass = /* @__PURE__ */ ofChannels("Dropout1d", [2, 3], true);
/** An instance of {@link Dropout1d}. */
export type Dropout1d = ChannelDropout;

/**
 * {@link Dropout1d} of images, [batch, channels, height, width], with `p` 0.5 unless given. As in PyTorch, three dimensions
 * are [batch, channels, length].
 */
export const Dropout2d: ChannelDropoutClass = /* @__PURE__ */ ofChannels("Dropout2d", [3, 4], false);
/** An instance of {@link Dropout2d}. */
export type Dropout2d = ChannelDropout;

const optionsOf = (p: number, generator: Generator | undefined) =>
  generator === undefined ? { p } : { p, generator };

/** {@link Dropout} while training. */
export function dropped(x: Tensor, p: number, generator?: Generator): Tensor {
  return dropout(x, optionsOf(p, generator));
}
