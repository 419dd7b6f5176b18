import {
  type AvgPool1dOptions,
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
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
import { type Own, shown, sizes } from "../own";

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
      return shown({ kernelSize: this.kernelSize, ...this.options });
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

/** A layer whose result has this size. */
export interface AdaptivePoolLayer extends Layer {
  readonly outputSize: OutputSize;
}

/** The class of an adaptive pooling layer: `new AdaptiveMaxPool2d([2, 3])` takes a size; null keeps that of the input. */
export type AdaptivePoolClass = new (outputSize: OutputSize) => AdaptivePoolLayer;

function adaptive(
  name: string,
  pool: (x: Tensor, outputSize: OutputSize) => Tensor,
  spatial: number,
): AdaptivePoolClass {
  const own: Own = {
    name,
    takes: { outputSize: either(outputSize, list(outputSize, spatial)) },
    keepsNothing: true,
  };
  const Class = class extends Layer {
    readonly outputSize: OutputSize;

    constructor(outputSize: OutputSize) {
      super();
      checkArguments(name, own.takes, arguments);
      this.outputSize = outputSize;
    }

    override forward(x: Tensor): Tensor {
      return pool(x, this.outputSize);
    }

    protected override extraRepr(): string {
      return shown({ outputSize: this.outputSize });
    }

    override get $own(): Own {
      return own;
    }
  };
  return called(name, Class);
}

/**
 * Means of as many windows as the result has elements, as `adaptiveAvgPool1d`: [batch, channels, length] -> [batch, channels,
 * `outputSize`].
 */
export const AdaptiveAvgPool1d: AdaptivePoolClass = /* @__PURE__ */ adaptive(
  "AdaptiveAvgPool1d",
  adaptiveAvgPool1d,
  1,
);
/** An instance of {@link AdaptiveAvgPool1d}. */
export type AdaptiveAvgPool1d = AdaptivePoolLayer;

/**
 * Means of as many windows as the result has elements, as `adaptiveAvgPool2d`: [batch, channels, height, width] ->
 * [batch, channels, h, w] for `outputSize` [h, w].
 *
 * @example
 * new AdaptiveAvgPool2d(1).forward(ones([1, 3, 8, 6])).shape; // → [1,3,1,1]
 */
export const AdaptiveAvgPool2d: AdaptivePoolClass = /* @__PURE__ */ adaptive(
  "AdaptiveAvgPool2d",
  adaptiveAvgPool2d,
  2,
);
/** An instance of {@link AdaptiveAvgPool2d}. */
export type AdaptiveAvgPool2d = AdaptivePoolLayer;

/**
 * The largest elements of the windows of {@link AdaptiveAvgPool1d}.
 */
export const AdaptiveMaxPool1d: AdaptivePoolClass = /* @__PURE__ */ adaptive(
  "AdaptiveMaxPool1d",
  adaptiveMaxPool1d,
  1,
);
/** An instance of {@link AdaptiveMaxPool1d}. */
export type AdaptiveMaxPool1d = AdaptivePoolLayer;

/**
 * The largest elements of the windows of {@link AdaptiveAvgPool2d}.
 */
export const AdaptiveMaxPool2d: AdaptivePoolClass = /* @__PURE__ */ adaptive(
  "AdaptiveMaxPool2d",
  adaptiveMaxPool2d,
  2,
);
/** An instance of {@link AdaptiveMaxPool2d}. */
export type AdaptiveMaxPool2d = AdaptivePoolLayer;
