import {
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
import { Layer } from "../module";

type Pool<Options> = (x: Tensor, kernelSize: Sizes, options: Options) => Tensor;

/** The class of a pooling function. */
type PoolLayer<Options> = new (
  kernelSize: Sizes,
  options?: Options,
) => Layer & {
  readonly kernelSize: Sizes;
  readonly options: Options;
};

function pooling<Options extends object>(name: string, pool: Pool<Options>): PoolLayer<Options> {
  const Class = class extends Layer {
    readonly kernelSize: Sizes;
    readonly options: Options;

    constructor(kernelSize: Sizes, options?: Options) {
      super();
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

    protected override get transparentAs(): unknown {
      return Class;
    }
  };
  Object.defineProperty(Class, "name", { value: name });
  return Class;
}

/** The largest element of each window, as `maxPool1d`: [batch, channels, length] -> [batch, channels, length']. */
export const MaxPool1d: PoolLayer<MaxPoolOptions> = /* @__PURE__ */ pooling("MaxPool1d", maxPool1d);

/**
 * The largest element of each window, as `maxPool2d`: [batch, channels, height, width] -> [batch, channels, height',
 * width'].
 *
 * @example
 * new MaxPool2d(2).forward(zeros([1, 3, 8, 6])).shape; // → [1,3,4,3]
 */
export const MaxPool2d: PoolLayer<MaxPoolOptions> = /* @__PURE__ */ pooling("MaxPool2d", maxPool2d);

/** The mean of each window, as `avgPool1d`: [batch, channels, length] -> [batch, channels, length']. */
export const AvgPool1d: PoolLayer<Omit<AvgPoolOptions, "divisorOverride">> = /* @__PURE__ */ pooling(
  "AvgPool1d",
  avgPool1d,
);

/** The mean of each window, as `avgPool2d`: [batch, channels, height, width] -> [batch, channels, height', width']. */
export const AvgPool2d: PoolLayer<AvgPoolOptions> = /* @__PURE__ */ pooling("AvgPool2d", avgPool2d);

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
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  protected override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`;
  }

  protected override get transparentAs(): unknown {
    return AdaptiveAvgPool2d;
  }
}
