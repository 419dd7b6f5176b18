import { formatShape, ShapeError } from "@thalweg/kernels";
import { maybeTensor, sizes, tensor } from "../../kinds";
import { either, number, type OptionKinds, oneOf, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { add } from "../map/arithmetic";
import { reshapeTo } from "../view/reshape";
import { dgradOp, fpropOp } from "./convolution";
import { type Form, type Pair, pair } from "./form";
import { each, type Sizes } from "./sizes";

/** Options of {@link conv1d} and {@link conv2d}. A single number applies to all spatial dimensions. */
export interface ConvOptions {
  /** Added to each channel, of shape [out]; nothing unless given. */
  readonly bias?: Tensor | null;
  /** Distance between positions of the kernel; 1 unless given. */
  readonly stride?: Sizes;
  /**
   * Number of zeros on both sides; 0 unless given. `"valid"` means 0. `"same"`, for stride 1 only, keeps the size; an odd
   * zero is added at the end.
   */
  readonly padding?: Sizes | "same" | "valid";
  /** Distance between elements of the kernel; 1 unless given. */
  readonly dilation?: Sizes;
  /** Number of groups of channels that are convolved separately; 1 unless given. */
  readonly groups?: number;
}

/** Options of {@link convTranspose1d} and {@link convTranspose2d}. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** Number of elements that are removed on both sides; 0 unless given. */
  readonly padding?: Sizes;
  /** Size that is added at the end, less than the stride or the dilation; 0 unless given. */
  readonly outputPadding?: Sizes;
}

function refuse(op: string, problem: string, remedy: string, ...tensors: Tensor[]): ShapeError {
  const shapes = tensors.map((x) => x.shape);
  return new ShapeError(op, problem, remedy, shapes);
}

/** Reshapes input and weight to batches of images; `count` is the number of spatial dimensions. */
function images(op: string, input: Tensor, weight: Tensor, count: number) {
  if (input.ndim !== count + 1 && input.ndim !== count + 2) {
    throw refuse(
      op,
      `the input has shape ${formatShape(input.shape)}`,
      `it must be [batch, channels, ${count === 1 ? "length" : "height, width"}], or that without the batch`,
      input,
    );
  }
  if (weight.ndim !== count + 2) {
    throw refuse(
      op,
      `the weight has shape ${formatShape(weight.shape)}`,
      `it must have ${count + 2} dimensions`,
      input,
      weight,
    );
  }
  const isBatch = input.ndim === count + 2;
  const full = isBatch ? input.shape : [1, ...input.shape];
  const flat = (shape: readonly number[]) => (count === 1 ? shape.toSpliced(2, 0, 1) : shape);
  return {
    x: reshapeTo(input, flat(full)),
    w: reshapeTo(weight, flat(weight.shape)),
    result(y: Tensor): Tensor {
      const shape = count === 1 ? y.shape.toSpliced(2, 1) : y.shape;
      return reshapeTo(y, isBatch ? shape : shape.slice(1));
    },
  };
}

/** Returns one number for the height and one for the width. In one dimension the height is `missing`. */
function both(op: string, what: string, given: Sizes, count: number, least: number, missing: number): Pair {
  const sizes = each(op, what, given, count, least);
  return count === 1 ? [missing, sizes[0]!] : [sizes[0]!, sizes[1]!];
}

function checkGroups(op: string, groups: number, channels: number, what: string): void {
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ShapeError(op, `groups must be a whole number from 1 on, got ${groups}`, "1 means no groups");
  }
  if (channels % groups !== 0) {
    throw new ShapeError(
      op,
      `the ${what} cannot be divided, ${channels} channels and ${groups} groups`,
      "their number must be a multiple of the groups",
    );
  }
}

function checkBias(op: string, bias: Tensor | null | undefined, features: number): void {
  if (bias && (bias.ndim !== 1 || bias.shape[0] !== features)) {
    throw refuse(
      op,
      `the bias does not fit, ${formatShape(bias.shape)} and ${features} output channels`,
      `it must have shape [${features}]`,
      bias,
    );
  }
}

const convolution: OptionKinds<ConvOptions> = {
  bias: maybeTensor,
  groups: number,
  stride: sizes,
  padding: either(sizes, oneOf("same", "valid")),
  dilation: sizes,
};

function conv(op: string, count: number, input: Tensor, weight: Tensor, options: ConvOptions): Tensor {
  const { bias, groups = 1, padding = 0 } = options;
  const { x, w, result } = images(op, input, weight, count);
  const [channels, features] = [x.shape[1]!, w.shape[0]!];
  checkGroups(op, groups, channels, "input");
  checkGroups(op, groups, features, "weight");
  if (w.shape[1] !== channels / groups) {
    throw refuse(
      op,
      `the weight does not fit the input, ${formatShape(weight.shape)} and ${formatShape(input.shape)} in ${groups} group${groups === 1 ? "" : "s"}`,
      `dim 1 of the weight must be ${channels / groups}`,
      input,
      weight,
    );
  }
  checkBias(op, bias, features);
  const stride = both(op, "stride", options.stride ?? 1, count, 1, 1);
  const dilation = both(op, "dilation", options.dilation ?? 1, count, 1, 1);
  const [image, kernel] = [pair((d) => x.shape[d + 2]!), pair((d) => w.shape[d + 2]!)];
  const [before, total] = paddingOf(
    op,
    padding,
    count,
    stride,
    pair((d) => (kernel[d] - 1) * dilation[d]),
  );
  const span = pair((d) => (kernel[d] - 1) * dilation[d] + 1);
  const padded = pair((d) => image[d] + total[d]);
  if (span.some((size, d) => size > padded[d as 0 | 1]) || kernel.includes(0)) {
    const shown = (sizes: Pair) => formatShape(sizes.slice(2 - count));
    throw refuse(
      op,
      kernel.includes(0)
        ? `the kernel is empty, weight ${formatShape(weight.shape)}`
        : `the kernel is larger than the padded input, ${shown(span)} and ${shown(padded)}`,
      kernel.includes(0) ? "its sizes start at 1" : "pad more, or use a smaller kernel or dilation",
      input,
      weight,
    );
  }
  const places = pair((d) => Math.floor((padded[d] - span[d]) / stride[d]) + 1);
  const form: Form = { groups, stride, dilation, before, image, kernel, result: places };
  return result(apply(fpropOp, bias ? [x, w, bias] : [x, w], form));
}

/** Returns the padding before, and the total padding. */
function paddingOf(
  op: string,
  padding: Sizes | "same" | "valid",
  count: number,
  stride: Pair,
  reach: Pair,
): [before: Pair, total: Pair] {
  if (padding === "valid") return paddingOf(op, 0, count, stride, reach);
  if (padding === "same") {
    if (stride.some((s) => s !== 1)) {
      throw new ShapeError(
        op,
        `padding "same" does not go with stride ${formatShape(stride.slice(2 - count))}`,
        "use stride 1, or pad by numbers",
      );
    }
    return [pair((d) => Math.floor(reach[d] / 2)), reach];
  }
  if (typeof padding === "string") {
    throw new ShapeError(op, `unknown padding "${String(padding)}"`, 'use numbers, "same" or "valid"');
  }
  const before = both(op, "padding", padding, count, 0, 0);
  return [before, pair((d) => 2 * before[d])];
}

/**
 * Convolution (cross-correlation, as everywhere in deep learning) of sequences: [batch, in, length] or
 * [in, length], weight [out, in / groups, size] -> [batch, out, length'], where length' is
 * ⌊(length + 2·padding - dilation·(size - 1) - 1) / stride⌋ + 1.
 *
 * @throws ShapeError when channels, groups, weight and bias do not fit, or the kernel is larger than the input.
 * @example
 * conv1d(tensor([[1, 2, 4, 8]]), tensor([[[1, -1]]])).toArray(); // → [[-1,-2,-4]]
 */
export const conv1d = /* @__PURE__ */ operation(
  "conv1d",
  { input: tensor, weight: tensor, options: options(convolution) },
  (input: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor => {
    return conv("conv1d", 1, input, weight, options);
  },
);

/**
 * Convolution (cross-correlation, as everywhere in deep learning) of images: [batch, in, height, width] or
 * [in, height, width], weight [out, in / groups, h, w] -> [batch, out, height', width'], where height' is
 * ⌊(height + 2·padding - dilation·(h - 1) - 1) / stride⌋ + 1.
 *
 * @throws ShapeError when channels, groups, weight and bias do not fit, or the kernel is larger than the input.
 * @example
 * const edges = tensor([[[[1, -1]]]]);
 * conv2d(tensor([[[0, 0, 1], [0, 1, 1]]]), edges).toArray(); // → [[[0,-1],[-1,0]]]
 */
export const conv2d = /* @__PURE__ */ operation(
  "conv2d",
  { input: tensor, weight: tensor, options: options(convolution) },
  (input: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor =>
    conv("conv2d", 2, input, weight, options),
  fpropOp,
);

function transposed(
  op: string,
  count: number,
  input: Tensor,
  weight: Tensor,
  options: ConvTransposeOptions,
): Tensor {
  const { bias, groups = 1 } = options;
  const { x: y, w, result } = images(op, input, weight, count);
  checkGroups(op, groups, y.shape[1]!, "input");
  if (w.shape[0] !== y.shape[1]) {
    throw refuse(
      op,
      `the weight does not fit the input, ${formatShape(weight.shape)} and ${formatShape(input.shape)}`,
      `dim 0 of the weight must be ${y.shape[1]}`,
      input,
      weight,
    );
  }
  checkBias(op, bias, groups * w.shape[1]!);
  const stride = both(op, "stride", options.stride ?? 1, count, 1, 1);
  const dilation = both(op, "dilation", options.dilation ?? 1, count, 1, 1);
  const before = both(op, "padding", options.padding ?? 0, count, 0, 0);
  const extra = both(op, "outputPadding", options.outputPadding ?? 0, count, 0, 0);
  const shown = (sizes: Pair) => formatShape(sizes.slice(2 - count));
  if (extra.some((size, d) => size >= Math.max(stride[d as 0 | 1], dilation[d as 0 | 1]))) {
    throw new ShapeError(
      op,
      `outputPadding is too large, ${shown(extra)} with stride ${shown(stride)} and dilation ${shown(dilation)}`,
      "it must be less than one of the two",
    );
  }
  const [places, kernel] = [pair((d) => y.shape[d + 2]!), pair((d) => w.shape[d + 2]!)];
  const image = pair(
    (d) => (places[d] - 1) * stride[d] - 2 * before[d] + dilation[d] * (kernel[d] - 1) + extra[d] + 1,
  );
  if (image.some((size) => size < 1) || kernel.includes(0)) {
    throw refuse(
      op,
      `nothing is left, the result of ${shown(places)} with kernel ${shown(kernel)} and padding ${shown(before)} would be ${shown(image)}`,
      "pad less",
      input,
      weight,
    );
  }
  const form: Form = { groups, stride, dilation, before, image, kernel, result: places };
  const x = apply(dgradOp, [y, w], form);
  return result(bias ? add(x, reshapeTo(bias, [bias.size, 1, 1])) : x);
}

const transposition = /* @__PURE__ */ options<ConvTransposeOptions>({
  bias: maybeTensor,
  groups: number,
  stride: sizes,
  padding: sizes,
  outputPadding: sizes,
  dilation: sizes,
});

/**
 * The adjoint of {@link conv1d} in its input, which makes sequences longer: [batch, in, length] or [in, length], weight
 * [in, out / groups, size] -> [batch, out, length'], where length' is
 * (length - 1)·stride - 2·padding + dilation·(size - 1) + outputPadding + 1.
 *
 * @throws ShapeError when channels, groups, weight and bias do not fit, or the result would be empty.
 * @example
 * convTranspose1d(tensor([[1, 2]]), tensor([[[1, 10]]]), { stride: 2 }).toArray(); // → [[1,10,2,20]]
 */
export const convTranspose1d = /* @__PURE__ */ operation(
  "convTranspose1d",
  { input: tensor, weight: tensor, options: transposition },
  (input: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor =>
    transposed("convTranspose1d", 1, input, weight, options),
);

/**
 * The adjoint of {@link conv2d} in its input, which makes images larger: [batch, in, height, width] or [in, height,
 * width], weight [in, out / groups, h, w] -> [batch, out, height', width'], where height' is
 * (height - 1)·stride - 2·padding + dilation·(h - 1) + outputPadding + 1.
 *
 * @throws ShapeError when channels, groups, weight and bias do not fit, or the result would be empty.
 * @example
 * convTranspose2d(tensor([[[1, 2]]]), tensor([[[[1, 10]]]]), { stride: 2 }).toArray(); // → [[[1,10,2,20]]]
 */
export const convTranspose2d = /* @__PURE__ */ operation(
  "convTranspose2d",
  { input: tensor, weight: tensor, options: transposition },
  (input: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor =>
    transposed("convTranspose2d", 2, input, weight, options),
  dgradOp,
);
