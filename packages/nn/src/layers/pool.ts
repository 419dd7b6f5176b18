import {
  type AvgPool1dOptions,
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type OutputSize,
  type Sizes,
  type Tensor,
} from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  either,
  finite,
  list,
  type OptionKinds,
  oneOf,
  options,
  positive,
  type Signature,
} from "@thalweg/tensor/internal";
import { called } from "../guard";
import { Layer } from "../module";
import { type Own, sizes } from "../own";

type Pool<Options> = (x: Tensor, kernelSize: Sizes, options: Options) => Tensor;

/** A layer that pools with these options. */
export interface PoolLayer<Options> extends Layer {
  readonly kernelSize: Sizes;
  readonly options: Options;
}

/** The class of a pooling layer: `new MaxPool1d(2)` takes a size and options. */
export type PoolClass<Options> = new (kernelSize: Sizes, options?: Options) => PoolLayer<Options>;

function pooling<Options extends object>(
  name: string,
  pool: Pool<Options>,
  spatial: number,
  fields: Omit<OptionKinds<Options>, "stride" | "padding" | "ceilMode">,
): PoolClass<Options> {
  const common: Signature = { stride: sizes(1, spatial), padding: sizes(0, spatial), ceilMode: boolean };
  const takes = { kernelSize: sizes(1, spatial), options: options({ ...common, ...fields }) };
  const own: Own = { name, takes, keepsNothing: true };
  const Class = class extends Layer {
    readonly kernelSize: Sizes;
    readonly options: Options;

    constructor(kernelSize: Sizes, options?: Options) {
      super();
      checkArguments(name, takes, arguments);
      this.kernelSize = kernelSize;
      this.options = options ?? ({} as Options);
    }

    override forward(x: Tensor): Tensor {
      return pool(x, this.kernelSize, this.options);
    }

    protected override extraRepr(): string {
      const shown = { kernelSize: this.kernelSize, ...this.options };
      return Object.entries(shown)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(", ");
    }

    override get $own(): Own {
      return own;
    }
  };
  return called(name, Class);
}

const max = (spatial: number) => ({ dilation: sizes(1, spatial) });
const mean = { countIncludePad: boolean };

/**
 * The largest element of each window, as `maxPool1d`: [batch, channels, length] -> [batch, channels, length']. `stride` is
 * `kernelSize`, `padding` 0, `dilation` 1 and `ceilMode` false unless given.
 */
export const MaxPool1d: PoolClass<MaxPoolOptions> = /* @__PURE__ */ pooling(
  "MaxPool1d",
  maxPool1d,
  1,
  /* @__PURE__ */ max(1),
);
/** An instance of {@link MaxPool1d}. */
export type MaxPool1d = PoolLayer<MaxPoolOptions>;

/**
 * The largest element of each window, as `maxPool2d`: [batch, channels, height, width] -> [batch, channels, height',
 * width']. Options as in {@link MaxPool1d}.
 *
 * @example
 * new MaxPool2d(2).forward(zeros([1, 3, 8, 6])).shape; // → [1,3,4,3]
 */
export const MaxPool2d: PoolClass<MaxPoolOptions> = /* @__PURE__ */ pooling(
  "MaxPool2d",
  maxPool2d,
  2,
  /* @__PURE__ */ max(2),
);
/** An instance of {@link MaxPool2d}. */
export type MaxPool2d = PoolLayer<MaxPoolOptions>;

/**
 * The mean of each window, as `avgPool1d`: [batch, channels, length] -> [batch, channels, length']. `stride` is
 * `kernelSize`, `padding` 0, `ceilMode` false and `countIncludePad` true unless given.
 */
export const AvgPool1d: PoolClass<AvgPool1dOptions> = /* @__PURE__ */ pooling(
  "AvgPool1d",
  avgPool1d,
  1,
  mean,
);
/** An instance of {@link AvgPool1d}. */
export type AvgPool1d = PoolLayer<AvgPool1dOptions>;

/**
 * The mean of each window, as `avgPool2d`: [batch, channels, height, width] -> [batch, channels, height', width'].
 * Options as in {@link AvgPool1d}; `divisorOverride` is none unless given.
 */
export const AvgPool2d: PoolClass<AvgPoolOptions> = /* @__PURE__ */ pooling("AvgPool2d", avgPool2d, 2, {
  countIncludePad: boolean,
  divisorOverride: finite,
});
/** An instance of {@link AvgPool2d}. */
export type AvgPool2d = PoolLayer<AvgPoolOptions>;

const outputSize = /* @__PURE__ */ either(positive, /* @__PURE__ */ oneOf(null));
const ofAdaptiveAvgPool2d: Own = {
  name: "AdaptiveAvgPool2d",
  takes: { outputSize: /* @__PURE__ */ either(outputSize, /* @__PURE__ */ list(outputSize, 2)) },
  keepsNothing: true,
};

/**
 * Means of as many windows as the result has elements, as `adaptiveAvgPool2d`: [batch, channels, height, width] ->
 * [batch, channels, h, w] for `outputSize` [h, w].
 *
 * @example
 * new AdaptiveAvgPool2d(1).forward(ones([1, 3, 8, 6])).shape; // → [1,3,1,1]
 */
export class AdaptiveAvgPool2d extends Layer {
  readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    checkArguments(ofAdaptiveAvgPool2d.name, ofAdaptiveAvgPool2d.takes, arguments);
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  protected override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`;
  }

  /** @internal */
  override get $own(): Own {
    return ofAdaptiveAvgPool2d;
  }
}
