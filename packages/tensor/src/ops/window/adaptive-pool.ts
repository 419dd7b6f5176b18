import { checkShape, formatShape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../create";
import { tensor as tensorKind } from "../../kinds";
import { numbers } from "../../numbers";
import { either, list, oneOf, positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { indexSelect } from "../index/gather";
import { where } from "../map/choice";
import { max } from "../reduce/extrema";
import { sum } from "../reduce/sums";
import type { Draw } from "../sample";
import { reshapeTo } from "../view/reshape";
import { largestOfWindows, sumOfWindows } from "./pool";
import { checkRank, divided, type Windows } from "./pool-windows";
import { each } from "./sizes";

/** One size for all spatial dimensions, or one for each; null keeps the size of the input. */
export type OutputSize = number | null | readonly (number | null)[];

/** The function of windows along one dimension. */
interface Pooling {
  /** Of windows of one size that do not overlap. */
  even(x: Tensor, windows: Windows): Tensor;
  /** Of windows of these lengths, which are filled up with repetitions of their last elements, in dimension `dim + 1`. */
  uneven(seen: Tensor, dim: number, lengths: readonly number[]): Tensor;
}

/** This is a function because bundlers keep constants that read a property. */
const means = (): Pooling => ({
  even: (x, windows) => divided(sumOfWindows(x, windows), windows.dim, [windows.size]),
  uneven(seen, dim, lengths) {
    const most = seen.shape[dim + 1]!;
    const counts = lengths.flatMap((length) => Array.from({ length: most }, (_, k) => (k < length ? 1 : 0)));
    const shape = seen.shape.map((size, d) => (d === dim || d === dim + 1 ? size : 1));
    const isOwn = tensor(counts, { dtype: seen.dtype, device: seen.device, shape });
    return divided(sum(where(isOwn, seen, 0), dim + 1), dim, lengths);
  },
});
const largest = (): Pooling => ({ even: largestOfWindows, uneven: (seen, dim) => max(seen, dim + 1) });

/** Pools `count` windows that cover a dimension: window i goes from ⌊i·n/count⌋ to ⌈(i + 1)·n/count⌉. */
function along(op: string, x: Tensor, dim: number, count: number, { even, uneven }: Pooling): Tensor {
  const extent = x.shape[dim]!;
  if (extent % count === 0) {
    const size = extent / count;
    return size === 1 ? x : even(x, { dim, size, stride: size, padding: 0, dilation: 1, count });
  }
  const start = (i: number) => Math.floor((i * extent) / count);
  const end = (i: number) => Math.ceil(((i + 1) * extent) / count);
  const lengths = [...numbers(op, "float64", count, (i) => end(i) - start(i))];
  const most = lengths.reduce((a, b) => Math.max(a, b));
  const positions = numbers(op, "int32", count * most, (at) => {
    const window = Math.floor(at / most);
    return Math.min(start(window) + (at % most), end(window) - 1);
  });
  const read = indexSelect(x, dim, tensor(positions, { dtype: "int32", device: x.device }));
  return uneven(reshapeTo(read, read.shape.toSpliced(dim, 1, count, most)), dim, lengths);
}

function adaptive(op: string, count: number, x: Tensor, outputSize: OutputSize, pooling: Pooling): Tensor {
  checkRank(op, x, count);
  const wanted = Array.isArray(outputSize)
    ? (outputSize as readonly (number | null)[])
    : new Array<number | null>(count).fill(outputSize as number | null);
  const spatial = x.shape.slice(-count);
  if (spatial.includes(0)) {
    const what = count === 1 ? "sequence" : "image";
    throw new ShapeError(
      op,
      `the ${what} is empty, shape ${formatShape(x.shape)}`,
      count === 1 ? "pass a sequence" : "pass an image",
      [x.shape],
    );
  }
  const sizes = each(
    op,
    "outputSize",
    wanted.map((size, d) => size ?? spatial[d] ?? 1),
    count,
    1,
  );
  checkShape(op, [...x.shape.slice(0, -count), ...sizes]);
  return sizes.reduceRight((y, size, d) => along(op, y, x.ndim - count + d, size, pooling), x);
}

const size = /* @__PURE__ */ either(positive, /* @__PURE__ */ oneOf(null));
const outputSize = /* @__PURE__ */ either(size, /* @__PURE__ */ list(size));

/** The record of an adaptive pooling function, for tests. */
function adaptiveRecord(
  name: string,
  count: number,
  pool: (x: Tensor, outputSize: OutputSize) => Tensor,
  distinct: boolean,
) {
  const image = new Array<number>(count).fill(4);
  return {
    name,
    takes: { x: tensorKind, outputSize },
    forward: ([x]: readonly unknown[], size: OutputSize) => pool(x as Tensor, size),
    sample(draw: Draw) {
      const size = () => draw.int(1, 4);
      const shape = [...draw.shape(1, 2), ...image.map(size)];
      const attrs = image.map((_, d) => (d === 0 || draw.boolean() ? size() : null));
      return { inputs: [{ shape, domain: { min: -2, max: 2, distinct } }], attrs };
    },
    errors: [
      { shapes: [image], args: [2] },
      { shapes: [[1, ...image]], args: [0] },
      { shapes: [[1, ...image]], args: [[1, 2, 3]] },
      { shapes: [[1, ...image.with(0, 0)]], args: [1] },
    ],
  };
}

const avg1d = (x: Tensor, size: OutputSize): Tensor => adaptive("adaptiveAvgPool1d", 1, x, size, means());
const avg2d = (x: Tensor, size: OutputSize): Tensor => adaptive("adaptiveAvgPool2d", 2, x, size, means());
const max1d = (x: Tensor, size: OutputSize): Tensor => adaptive("adaptiveMaxPool1d", 1, x, size, largest());
const max2d = (x: Tensor, size: OutputSize): Tensor => adaptive("adaptiveMaxPool2d", 2, x, size, largest());

/**
 * Means of windows that divide the sequence as evenly as possible, one for each element of the result; they overlap where
 * the sizes require it. [batch, channels, length] or [channels, length] -> [..., outputSize].
 *
 * @example
 * adaptiveAvgPool1d(tensor([[1, 2, 3, 6]]), 2).toArray(); // → [[1.5,4.5]]
 */
export const adaptiveAvgPool1d = /* @__PURE__ */ composite(
  avg1d,
  /* @__PURE__ */ adaptiveRecord("adaptiveAvgPool1d", 1, avg1d, false),
);

/**
 * Means of windows that divide the image as evenly as possible, one for each element of the result; they overlap where the
 * sizes require it. [batch, channels, height, width] or [channels, height, width] -> [..., h, w] for `outputSize` [h, w].
 *
 * @example
 * adaptiveAvgPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]).toArray(); // → [[[3,4]]]
 */
export const adaptiveAvgPool2d = /* @__PURE__ */ composite(
  avg2d,
  /* @__PURE__ */ adaptiveRecord("adaptiveAvgPool2d", 2, avg2d, false),
);

/**
 * The largest elements of the windows of {@link adaptiveAvgPool1d}. NaN where any element is NaN. Of equal elements the first
 * takes the gradient.
 *
 * @example
 * adaptiveMaxPool1d(tensor([[1, 4, 3, 2]]), 2).toArray(); // → [[4,3]]
 */
export const adaptiveMaxPool1d = /* @__PURE__ */ composite(
  max1d,
  /* @__PURE__ */ adaptiveRecord("adaptiveMaxPool1d", 1, max1d, true),
);

/**
 * The largest elements of the windows of {@link adaptiveAvgPool2d}. NaN where any element is NaN. Of equal elements the first
 * in row-major order takes the gradient.
 *
 * @example
 * adaptiveMaxPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]).toArray(); // → [[[5,6]]]
 */
export const adaptiveMaxPool2d = /* @__PURE__ */ composite(
  max2d,
  /* @__PURE__ */ adaptiveRecord("adaptiveMaxPool2d", 2, max2d, true),
);
