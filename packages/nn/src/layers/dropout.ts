<<<<<<< HEAD
import { dropout, type Generator, type Tensor } from "@thalweg/tensor";
import { checkArguments, generatorKind, optional, options, probability } from "@thalweg/tensor/internal";
=======
import { bernoulli, type Generator, type Shape, ShapeError, type Tensor } from "@thalweg/tensor";
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
>>>>>>> c9deb8e (Layers of instances, bags, channels, margins and columns; dictionaries of modules; weight and spectral norm)
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

<<<<<<< HEAD
/** {@link Dropout} while training. */
export function dropped(x: Tensor, p: number, generator?: Generator): Tensor {
  return dropout(x, generator === undefined ? { p } : { p, generator });
=======
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
      const lead = isUnbatched && x.ndim === ranks[0] ? 1 : 2;
      const channels = x.shape.map((extent, d) => (d < lead ? extent : 1));
      return dropped(x, this.p, this.#generator, channels);
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
 * {@link Dropout1d} of images: [batch, channels, height, width]. As in PyTorch, three dimensions are [batch, channels,
 * length].
 */
export const Dropout2d: ChannelDropoutClass = /* @__PURE__ */ ofChannels("Dropout2d", [3, 4], false);
/** An instance of {@link Dropout2d}. */
export type Dropout2d = ChannelDropout;

/** {@link Dropout} while training; elements that share one of `shape` are dropped together. */
export function dropped(x: Tensor, p: number, generator?: Generator, shape: Shape = x.shape): Tensor {
  if (p === 0) return x;
  if (p === 1) return x.mul(0);
  const place = { device: x.device, dtype: x.dtype };
  const options = generator === undefined ? place : { ...place, generator };
  const kept = bernoulli(shape, 1 - p, options);
  return x.mul(kept.div(1 - p));
>>>>>>> c9deb8e (Layers of instances, bags, channels, margins and columns; dictionaries of modules; weight and spectral norm)
}
