import {
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  ShapeError,
  type Sizes,
  type Tensor,
  ThalwegError,
} from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  either,
  formatShape,
  type Kind,
  oneOf,
  options,
  positive,
} from "@thalweg/tensor/internal";
import { fans, uniform_ } from "../init";
import { Layer } from "../module";
import { fresh, type Own, shown, sizes } from "../own";
import type { Parameter } from "../parameter";

/** Options of {@link Conv1d} and {@link Conv2d}; a number applies to all spatial dimensions. */
export interface ConvLayerOptions {
  /** Distance between positions of the kernel; 1 unless given. */
  readonly stride?: Sizes;
  /** Margin on both sides, 0 unless given. `"same"` keeps the size, for stride 1; `"valid"` is 0. */
  readonly padding?: Sizes | "same" | "valid";
  /** The contents of the margin; `"zeros"` unless given. */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
  /** Distance between elements of the kernel; 1 unless given. */
  readonly dilation?: Sizes;
  /** Number of groups of channels that are convolved separately; 1 unless given. */
  readonly groups?: number;
  /** Whether to add a bias; true unless given. */
  readonly bias?: boolean;
}

/** Options of {@link ConvTranspose1d} and {@link ConvTranspose2d}. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, "padding" | "paddingMode"> {
  /** Size removed from both sides of the full result; 0 unless given. */
  readonly padding?: Sizes;
  /** Size added at the end; 0 unless given. */
  readonly outputPadding?: Sizes;
}

/** Options that all convolutions of so many spatial dimensions have. */
const common = (spatial: number): Record<"stride" | "dilation" | "groups" | "bias", Kind> => ({
  stride: sizes(1, spatial),
  dilation: sizes(1, spatial),
  groups: positive,
  bias: boolean,
});

const takes = (spatial: number, of: Kind): Own["takes"] => ({
  inChannels: positive,
  outChannels: positive,
  kernelSize: sizes(1, spatial),
  options: of,
});

/** What is known of a layer of its own that convolves. */
interface OwnConvolution extends Own {
  /** Number of spatial dimensions. */
  readonly spatial: number;
  readonly isTransposed: boolean;
}

const ofConvolution = (name: string, spatial: number): OwnConvolution => ({
  name,
  spatial,
  isTransposed: false,
  takes: takes(
    spatial,
    options<ConvLayerOptions>({
      ...common(spatial),
      padding: either(sizes(0, spatial), oneOf("same", "valid")),
      paddingMode: oneOf("zeros", "reflect", "replicate", "circular"),
    }),
  ),
  keepsNothing: true,
});

const ofConv1d = /* @__PURE__ */ ofConvolution("Conv1d", 1);
const ofConv2d = /* @__PURE__ */ ofConvolution("Conv2d", 2);
const ofTransposed = (name: string, spatial: number): OwnConvolution => ({
  name,
  spatial,
  isTransposed: true,
  takes: takes(
    spatial,
    options<ConvTransposeLayerOptions>({
      ...common(spatial),
      padding: sizes(0, spatial),
      outputPadding: sizes(0, spatial),
    }),
  ),
  keepsNothing: true,
});
const ofConvTranspose1d = /* @__PURE__ */ ofTransposed("ConvTranspose1d", 1);
const ofConvTranspose2d = /* @__PURE__ */ ofTransposed("ConvTranspose2d", 2);

/** Base class of convolutions: a kernel and a bias, which start uniform in ±1/√fanIn. */
export abstract class Convolution<Options extends Pick<ConvLayerOptions, "groups" | "bias">> extends Layer {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  protected readonly options: Omit<Options, "bias">;
  declare weight: Parameter;
  declare bias: Parameter | null;

  /** @internal */
  constructor(
    own: OwnConvolution,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options = {} as Options,
  ) {
    super();
    checkArguments(own.name, own.takes, [inChannels, outChannels, kernelSize, options]);
    const { bias = true, ...others } = options;
    const { groups = 1 } = others;
    for (const [what, channels] of Object.entries({ inChannels, outChannels })) {
      if (channels % groups !== 0) {
        throw new ThalwegError(
          own.name,
          `${what} cannot be divided into groups, ${channels} and ${groups}`,
          "the channels must be a multiple of the groups",
        );
      }
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize =
      typeof kernelSize === "number" ? new Array<number>(own.spatial).fill(kernelSize) : kernelSize;
    this.options = others;
    const [first, second] = own.isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.registerParameter("weight", fresh(own.name, [first, second / groups, ...this.kernelSize]));
    this.registerParameter("bias", bias ? fresh(own.name, [outChannels]) : null);
    this.resetParameters();
  }

  /** Draws new parameters. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(fans(this.weight).fanIn);
    uniform_(this.weight, { low: -bound, high: bound });
    if (this.bias !== null) uniform_(this.bias, { low: -bound, high: bound });
  }

  /** Throws unless the input has the right rank and number of channels. */
  protected check(x: Tensor): void {
    const { inChannels, kernelSize } = this;
    const { shape } = x;
    const channelDim = shape.length - kernelSize.length - 1;
    if ((channelDim === 0 || channelDim === 1) && shape[channelDim] === inChannels) return;
    const spatial = kernelSize.length === 1 ? "length" : "height, width";
    throw new ShapeError(
      this.$own!.name,
      `the input does not fit, shape ${formatShape(shape)} and ${inChannels} channels`,
      `it must be [batch, ${inChannels}, ${spatial}] or [${inChannels}, ${spatial}]`,
      [shape],
    );
  }

  protected override extraRepr(): string {
    const options = shown({ kernelSize: this.kernelSize, ...this.options, bias: this.bias !== null });
    return [this.inChannels, this.outChannels, options].join(", ");
  }
}

/** Margins in the order of `pad`: the last dimension first, before and after. */
function margins({ padding = 0, dilation = 1 }: ConvLayerOptions, kernelSize: readonly number[]): number[] {
  const at = (sizes: Sizes, d: number) => (typeof sizes === "number" ? sizes : sizes[d]!);
  return kernelSize
    .flatMap((size, d) => {
      if (padding === "valid") return [0, 0];
      if (padding !== "same") return [at(padding, d), at(padding, d)];
      const total = (size - 1) * at(dilation, d);
      return [total - Math.floor(total / 2), Math.floor(total / 2)];
    })
    .reverse();
}

/** Pads by `paddingMode`, and convolves. */
function convolve(
  conv: typeof conv2d | typeof conv1d,
  x: Tensor,
  { weight, bias, kernelSize }: Convolution<ConvLayerOptions>,
  { paddingMode = "zeros", ...options }: Omit<ConvLayerOptions, "bias">,
): Tensor {
  // The operation pads with zeros itself, and refuses options itself.
  const isRefused = options.padding === "same" && [options.stride ?? 1].flat().some((stride) => stride !== 1);
  if (paddingMode === "zeros" || isRefused) return conv(x, weight, { ...options, bias });
  const padded = x.pad(margins(options, kernelSize), { mode: paddingMode });
  return conv(padded, weight, { ...options, padding: 0, bias });
}

/**
 * Convolution of sequences: [batch, in, length] or [in, length] -> [..., out, length']. `weight` is [out, in / groups,
 * size], `bias` [out]; both start uniform in ±1/√fanIn, with fanIn = in / groups · size. Sizes as in `conv1d`.
 *
 * @example
 * new Conv1d(3, 8, 5, { padding: "same" }).forward(zeros([2, 3, 10])).shape; // → [2,8,10]
 */
export class Conv1d extends Convolution<ConvLayerOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvLayerOptions) {
    super(ofConv1d, inChannels, outChannels, kernelSize, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    this.check(x);
    return convolve(conv1d, x, this, this.options);
  }

  /** @internal */
  override get $own(): Own {
    return ofConv1d;
  }
}

/**
 * Convolution of images: [batch, in, height, width] or [in, height, width] -> [..., out, height', width']. `weight` is
 * [out, in / groups, h, w], `bias` [out]; both start uniform in ±1/√fanIn, with fanIn = in / groups · h · w. Sizes as
 * in `conv2d`.
 *
 * @example
 * new Conv2d(3, 8, 3, { stride: 2, padding: 1 }).forward(zeros([2, 3, 8, 8])).shape; // → [2,8,4,4]
 */
export class Conv2d extends Convolution<ConvLayerOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvLayerOptions) {
    super(ofConv2d, inChannels, outChannels, kernelSize, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    this.check(x);
    return convolve(conv2d, x, this, this.options);
  }

  /** @internal */
  override get $own(): Own {
    return ofConv2d;
  }
}

/**
 * The adjoint of {@link Conv1d}, which makes sequences longer: [batch, in, length] or [in, length] -> [..., out, length'].
 * `weight` is [in, out / groups, size], `bias` [out]; both start uniform in ±1/√fanIn, where fanIn is out / groups · size, as
 * in PyTorch. Sizes as in `convTranspose1d`.
 *
 * @example
 * new ConvTranspose1d(8, 3, 2, { stride: 2 }).forward(zeros([2, 8, 4])).shape; // → [2,3,8]
 */
export class ConvTranspose1d extends Convolution<ConvTransposeLayerOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options?: ConvTransposeLayerOptions,
  ) {
    super(ofConvTranspose1d, inChannels, outChannels, kernelSize, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    this.check(x);
    return convTranspose1d(x, this.weight, { ...this.options, bias: this.bias });
  }

  /** @internal */
  override get $own(): Own {
    return ofConvTranspose1d;
  }
}

/**
 * The adjoint of {@link Conv2d}, which enlarges images: [batch, in, height, width] or [in, height, width] -> [..., out,
 * height', width']. `weight` is [in, out / groups, h, w], `bias` [out]; both start uniform in ±1/√fanIn, where fanIn is
 * out / groups · h · w, as in PyTorch. Sizes as in `convTranspose2d`.
 *
 * @example
 * new ConvTranspose2d(8, 3, 2, { stride: 2 }).forward(zeros([2, 8, 4, 4])).shape; // → [2,3,8,8]
 */
export class ConvTranspose2d extends Convolution<ConvTransposeLayerOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options?: ConvTransposeLayerOptions,
  ) {
    super(ofConvTranspose2d, inChannels, outChannels, kernelSize, options);
  }

  /** @throws ShapeError when the input does not fit. */
  override forward(x: Tensor): Tensor {
    this.check(x);
    return convTranspose2d(x, this.weight, { ...this.options, bias: this.bias });
  }

  /** @internal */
  override get $own(): Own {
    return ofConvTranspose2d;
  }
}
