import {
  type InterpolateOptions,
  interpolate,
  pixelShuffle,
  pixelUnshuffle,
  type Tensor,
} from "@thalweg/tensor";
import {
  aboveZero,
  boolean,
  checkArguments,
  either,
  list,
  oneOf,
  options,
  positive,
} from "@thalweg/tensor/internal";
import { Layer } from "../module";
import { type Own, shown } from "../own";

const ofUpsample: Own = {
  name: "Upsample",
  takes: {
    options: /* @__PURE__ */ options<InterpolateOptions>({
      size: /* @__PURE__ */ either(positive, /* @__PURE__ */ list(positive)),
      scaleFactor: /* @__PURE__ */ either(aboveZero, /* @__PURE__ */ list(aboveZero)),
      mode: /* @__PURE__ */ oneOf("nearest", "bilinear"),
      alignCorners: boolean,
    }),
  },
  keepsNothing: true,
};

/**
 * Resizes images, as `interpolate`: [batch, channels, height, width] -> [batch, channels, height', width'], and in the mode
 * `"nearest"` also other numbers of spatial dimensions.
 *
 * @example
 * const layer = new Upsample({ scaleFactor: 2, mode: "bilinear" });
 * layer.forward(zeros([1, 3, 4, 5])).shape; // → [1,3,8,10]
 */
export class Upsample extends Layer {
  readonly options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    checkArguments(ofUpsample.name, ofUpsample.takes, arguments);
    this.options = options;
  }

  /** @throws ShapeError when the input does not fit, ArgumentError when the options contradict each other. */
  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }

  protected override extraRepr(): string {
    return shown(this.options);
  }

  /** @internal */
  override get $own(): Own {
    return ofUpsample;
  }
}

const ofPixelShuffle: Own = { name: "PixelShuffle", takes: { upscaleFactor: positive }, keepsNothing: true };

/**
 * Makes images `upscaleFactor` times as high and wide, of that many times fewer channels, squared, as `pixelShuffle`:
 * [..., channels · r², height, width] -> [..., channels, height · r, width · r].
 */
export class PixelShuffle extends Layer {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    checkArguments(ofPixelShuffle.name, ofPixelShuffle.takes, arguments);
    this.upscaleFactor = upscaleFactor;
  }

  /** @throws ShapeError when the channels are no multiple of r². */
  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }

  protected override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofPixelShuffle;
  }
}

const ofPixelUnshuffle: Own = {
  name: "PixelUnshuffle",
  takes: { downscaleFactor: positive },
  keepsNothing: true,
};

/** The inverse of {@link PixelShuffle}: [..., channels, height · r, width · r] -> [..., channels · r², height, width]. */
export class PixelUnshuffle extends Layer {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    checkArguments(ofPixelUnshuffle.name, ofPixelUnshuffle.takes, arguments);
    this.downscaleFactor = downscaleFactor;
  }

  /** @throws ShapeError when r does not divide height and width. */
  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }

  protected override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofPixelUnshuffle;
  }
}
