import { formatShape, type Shape, ShapeError } from "@thalweg/kernels";
import { sizes, tensor } from "../../kinds";
import { options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite } from "../define-op";
import type { Draw } from "../sample";
import { reshapeTo } from "../view/reshape";
import { embed, permuteOp, scatterView, sliceOp, type Unfold, unfoldOp, type ViewRecord } from "../view/view";
import { each, type Sizes } from "./sizes";

/** Options of {@link im2col} and {@link col2im}. A single number applies to height and width. */
export interface Im2colOptions {
  /** Distance between the elements of a window; 1 unless given. */
  readonly dilation?: Sizes;
  /** Number of zeros on both sides; 0 unless given. */
  readonly padding?: Sizes;
  /** Distance between windows; 1 unless given. */
  readonly stride?: Sizes;
}

/** The windows of an image: sizes along its height and width, and the views that take them, along one after the other. */
interface Plan {
  readonly kernel: readonly number[];
  readonly padding: readonly number[];
  /** Height and width with the padding. */
  readonly padded: readonly number[];
  /** Number of windows along the height and the width. */
  readonly places: readonly number[];
  readonly views: readonly Unfold[];
}

function planned(op: string, image: Shape, kernelSize: Sizes, options: Im2colOptions): Plan {
  const { dilation = 1, padding = 0, stride = 1 } = options;
  const kernel = each(op, "kernelSize", kernelSize, 2, 1);
  const spacing = each(op, "dilation", dilation, 2, 1);
  const margin = each(op, "padding", padding, 2, 0);
  const step = each(op, "stride", stride, 2, 1);
  const padded = image.map((extent, d) => extent + 2 * margin[d]!);
  const places = padded.map(
    (extent, d) => Math.floor((extent - spacing[d]! * (kernel[d]! - 1) - 1) / step[d]!) + 1,
  );
  if (places.some((count) => count < 1)) {
    throw new ShapeError(
      op,
      `the kernel is larger than the padded image, ${formatShape(kernel.map((size, d) => spacing[d]! * (size - 1) + 1))} and ${formatShape(padded)}`,
      "pad more, or use a smaller kernel or dilation",
    );
  }
  const views = kernel.map((size, d) => ({ dim: d + 2, size, step: step[d]!, spacing: spacing[d]! }));
  return { kernel, padding: margin, padded, places, views };
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** Throws unless the tensor has `rank` dimensions, or one less, without the batch. */
function checkRank(op: string, x: Tensor, rank: number, expected: string): void {
  if (x.ndim === rank || x.ndim === rank - 1) return;
  throw new ShapeError(
    op,
    `the input has shape ${formatShape(x.shape)}`,
    `it must be [batch, ${expected}], or that without the batch`,
    [x.shape],
  );
}

/** Adds the dimension of a batch where there is none, for `compute`. */
function batched(x: Tensor, rank: number, compute: (x: Tensor) => Tensor): Tensor {
  if (x.ndim === rank) return compute(x);
  const y = compute(reshapeTo(x, [1, ...x.shape]));
  return reshapeTo(y, y.shape.slice(1));
}

function columns(x: Tensor, kernelSize: Sizes, options: Im2colOptions = {}): Tensor {
  checkRank("im2col", x, 4, "channels, height, width");
  const { kernel, padding, padded, places, views } = planned(
    "im2col",
    x.shape.slice(-2),
    kernelSize,
    options,
  );
  return batched(x, 4, (images) => {
    const [batch, channels] = images.shape as [number, number];
    const framed = padding.reduce((y, start, d) => {
      const [dim, length] = [d + 2, y.shape[d + 2]!];
      return start === 0 ? y : embed(y, y.shape.with(dim, padded[d]!), { dim, start, length, step: 1 }, 0);
    }, images);
    const windows = views.reduce((y, view) => apply(unfoldOp, [y], view), framed);
    const ordered = apply(permuteOp, [windows], [0, 1, 4, 5, 2, 3]);
    return reshapeTo(ordered, [batch, channels * product(kernel), product(places)]);
  });
}

function assembled(x: Tensor, outputSize: Sizes, kernelSize: Sizes, options: Im2colOptions = {}): Tensor {
  checkRank("col2im", x, 3, "channels · kernel, windows");
  const image = each("col2im", "outputSize", outputSize, 2, 1);
  const { kernel, padding, padded, places, views } = planned("col2im", image, kernelSize, options);
  const [rows, count] = x.shape.slice(-2) as [number, number];
  if (rows % product(kernel) !== 0 || count !== product(places)) {
    throw new ShapeError(
      "col2im",
      `the columns do not fit, shape ${formatShape(x.shape)} for a kernel ${formatShape(kernel)} at ${product(places)} places`,
      `they must be [..., channels · ${product(kernel)}, ${product(places)}]`,
      [x.shape],
    );
  }
  return batched(x, 3, (columns) => {
    const [batch, channels] = [columns.shape[0]!, rows / product(kernel)];
    const ordered = reshapeTo(columns, [batch, channels, ...kernel, ...places]);
    const windows = apply(permuteOp, [ordered], [0, 1, 4, 5, 2, 3]);
    const shapes = [
      [batch, channels, ...padded],
      [batch, channels, places[0]!, padded[1]!, kernel[0]!],
    ];
    const framed = views.reduceRight((y, attrs, d) => {
      const view = unfoldOp as ViewRecord<unknown>;
      return apply(scatterView, [y], { shape: shapes[d]!, view, attrs, fill: 0 });
    }, windows);
    return padding.reduce(
      (y, start, d) =>
        start === 0 ? y : apply(sliceOp, [y], { dim: d + 2, start, length: image[d]!, step: 1 }),
      framed,
    );
  });
}

const kinds = { dilation: sizes, padding: sizes, stride: sizes };

interface Call {
  readonly image: readonly number[];
  readonly kernel: readonly number[];
  readonly options: Im2colOptions;
}

/** Draws windows that fit into a small image. */
function drawCall(draw: Draw): Call & Plan & { readonly lead: readonly number[] } {
  const two = (least: number, most: number) => [draw.int(least, most), draw.int(least, most)];
  const [kernel, dilation, padding, stride] = [two(1, 2), two(1, 2), two(0, 1), two(1, 3)];
  const image = kernel.map((size, d) => dilation[d]! * (size - 1) + 1 + draw.int(0, 2));
  const options = { dilation, padding, stride };
  const lead = [...draw.shape(0, 1), draw.int(1, 2)];
  return { ...planned("im2col", image, kernel, options), image, options, lead };
}

/**
 * The windows of images as columns: [batch, channels, height, width] or [channels, height, width] -> [..., channels · h · w,
 * windows] for `kernelSize` [h, w], in row-major order. It is PyTorch's `unfold` of images. A copy.
 *
 * @throws ShapeError when the kernel is larger than the padded image.
 * @example
 * im2col(tensor([[[1, 2, 3], [4, 5, 6]]]), 2).toArray(); // → [[1,2],[2,3],[4,5],[5,6]]
 */
export const im2col = /* @__PURE__ */ composite(columns, {
  name: "im2col",
  takes: { x: tensor, kernelSize: sizes, options: options<Im2colOptions>(kinds) },
  forward: ([x], { kernel, options }: Call) => columns(x as Tensor, kernel, options),
  sample(draw: Draw) {
    const { lead, image, kernel, options } = drawCall(draw);
    return { inputs: [{ shape: [...lead, ...image] }], attrs: { image, kernel, options } };
  },
  errors: [
    { shapes: [[4, 4]], args: [2] },
    { shapes: [[1, 4, 4]], args: [5] },
    { shapes: [[1, 4, 4]], args: [2, { stride: 0 }] },
  ],
});

/**
 * The adjoint of {@link im2col}: the sums of columns at the places of their windows, [batch, channels · h · w, windows] or
 * [channels · h · w, windows] -> [..., channels, height, width] for `outputSize` [height, width] and `kernelSize` [h, w]. It is
 * PyTorch's `fold`. A copy.
 *
 * @throws ShapeError when the columns do not fit, or the kernel is larger than the padded image.
 * @example
 * col2im(tensor([[1, 2], [3, 4]]), [1, 3], [1, 2]).toArray(); // → [[[1,5,4]]]
 */
export const col2im = /* @__PURE__ */ composite(assembled, {
  name: "col2im",
  takes: { x: tensor, outputSize: sizes, kernelSize: sizes, options: options<Im2colOptions>(kinds) },
  forward: ([x], { image, kernel, options }: Call) => assembled(x as Tensor, image, kernel, options),
  sample(draw: Draw) {
    const { lead, image, kernel, options, places } = drawCall(draw);
    const rows = lead.at(-1)! * product(kernel);
    return {
      inputs: [{ shape: [...lead.slice(0, -1), rows, product(places)] }],
      attrs: { image, kernel, options },
    };
  },
  errors: [
    { shapes: [[4]], args: [3, 2] },
    { shapes: [[5, 4]], args: [3, 2] },
    { shapes: [[4, 3]], args: [3, 2] },
    { shapes: [[4, 4]], args: [1, 2] },
  ],
});
