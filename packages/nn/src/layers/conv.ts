import {
  conv1d,
  conv2d,
  convTranspose2d,
  empty,
  type Sizes,
  type Tensor,
  ThalwegError,
} from "@thalweg/tensor";
import { fans, uniform_ } from "../init";
import { Layer } from "../module";
import { Parameter } from "../parameter";

/** Options of {@link Conv1d} and {@link Conv2d}; a number holds for all spatial dimensions. */
export interface ConvLayerOptions {
  /** Distance of the places that the kernel visits; 1 unless given. */
  readonly stride?: Sizes;
  /** Margin on both sides; 0 unless given. `"same"` keeps the size, for stride 1. */
  readonly padding?: Sizes | "same" | "valid";
  /** What the margin is made of; zeros unless given. */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
  /** Distance of the elements of the kernel; 1 unless given. */
  readonly dilation?: Sizes;
  /** Groups of channels that know nothing of each other; 1 unless given. */
  readonly groups?: number;
  /** Whether to add a bias; true unless given. */
  readonly bias?: boolean;
}

/** Options of {@link ConvTranspose2d}. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, "padding" | "paddingMode"> {
  /** How much less than everything is returned, on both sides; 0 unless given. */
  readonly padding?: Sizes;
  /** Size that is added at the end; 0 unless given. */
  readonly outputPadding?: Sizes;
}

/** Which convolution it is. */
interface Kind {
  readonly name: string;
  /** Number of spatial dimensions. */
  readonly spatial: number;
  readonly isTransposed?: boolean;
}

/** What convolutions have in common: a kernel and a bias, which start uniform in ±1/√fanIn. */
abstract class Convolution<
  Options extends { readonly groups?: number; readonly bias?: boolean },
> extends Layer {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  protected readonly options: Omit<Options, "bias">;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    { bias = true, ...options }: Options,
    { name, spatial, isTransposed = false }: Kind,
  ) {
    super();
    const { groups = 1 } = options;
    for (const [what, channels] of Object.entries({ inChannels, outChannels })) {
      if (!(channels > 0) || channels % groups !== 0) {
        throw new ThalwegError(
          name,
          `${what} cannot be divided into groups, ${channels} and ${groups}`,
          "both are whole numbers from 1 on, and the channels a multiple of the groups",
        );
      }
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize =
      typeof kernelSize === "number" ? new Array<number>(spatial).fill(kernelSize) : kernelSize;
    this.options = options;
    const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.weight = new Parameter(empty([first, second / groups, ...this.kernelSize]));
    this.bias = bias ? new Parameter(empty([outChannels])) : null;
    this.resetParameters();
  }

  /** Draws new parameters. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(fans(this.weight).fanIn);
    uniform_(this.weight, { low: -bound, high: bound });
    if (this.bias !== null) uniform_(this.bias, { low: -bound, high: bound });
  }

  protected override extraRepr(): string {
    const shown = { kernelSize: this.kernelSize, ...this.options, bias: this.bias !== null };
    const options = Object.entries(shown).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    return [this.inChannels, this.outChannels, ...options].join(", ");
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

/** Pads as the mode says, and convolves. */
function convolve(
  conv: typeof conv2d | typeof conv1d,
  x: Tensor,
  { weight, bias, kernelSize }: Convolution<ConvLayerOptions>,
  { paddingMode = "zeros", ...options }: Omit<ConvLayerOptions, "bias">,
): Tensor {
  // Margins of zeros are the business of the operation, and so is what it refuses.
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, { name: "Conv1d", spatial: 1 });
  }

  override forward(x: Tensor): Tensor {
    return convolve(conv1d, x, this, this.options);
  }

  protected override get transparentAs(): unknown {
    return Conv1d;
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, { name: "Conv2d", spatial: 2 });
  }

  override forward(x: Tensor): Tensor {
    return convolve(conv2d, x, this, this.options);
  }

  protected override get transparentAs(): unknown {
    return Conv2d;
  }
}

/**
 * The adjoint of {@link Conv2d}, which makes images larger: [batch, in, height, width] or [in, height, width] -> [..., out,
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
    options: ConvTransposeLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSize, options, {
      name: "ConvTranspose2d",
      spatial: 2,
      isTransposed: true,
    });
  }

  override forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, { ...this.options, bias: this.bias });
  }

  protected override get transparentAs(): unknown {
    return ConvTranspose2d;
  }
}
