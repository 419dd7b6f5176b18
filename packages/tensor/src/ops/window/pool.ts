import { type Shape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../create";
import { sizes, tensor as tensorKind } from "../../kinds";
import { boolean, number, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { indexSelect } from "../index/gather";
import type { Sorted } from "../index/sort";
import { div } from "../map/arithmetic";
import { where } from "../map/choice";
import { eq } from "../map/comparison";
import type { Composite } from "../op";
import { max } from "../reduce/extrema";
import { sum } from "../reduce/sums";
import type { Draw, Sample } from "../sample";
import { maxPoolWithIndices } from "./max-indices";
import {
  divided,
  type MaxPoolOptions,
  type PoolOptions,
  padded,
  plan,
  unfolded,
  type Windows,
} from "./pool-windows";
import type { Sizes } from "./sizes";
import { mostElements } from "./window-elements";
import { windowMax } from "./window-max";
import { windowSum } from "./window-sum";

/** Options of {@link avgPool1d}. */
export interface AvgPool1dOptions extends PoolOptions {
  /** Whether the zeros of the padding count as elements; true unless given. */
  readonly countIncludePad?: boolean;
}

/** Options of {@link avgPool2d}. */
export interface AvgPoolOptions extends AvgPool1dOptions {
  /** The divisor of the sums; the number of elements unless given. */
  readonly divisorOverride?: number;
}

/** The function of a window, as one map over the elements of windows, or as a reduction along one dimension. */
interface Pooling {
  /** The value of elements outside the input. */
  readonly fill: number;
  /** Computes small windows, along one or more dimensions; `inner` is the shape without the padding. */
  map(x: Tensor, spans: readonly Windows[], inner: Shape): Tensor;
  reduce(x: Tensor, windows: Windows): Tensor;
}

/** This is a function because bundlers keep constants that read a property. */
const largest = (): Pooling => ({
  fill: Number.NEGATIVE_INFINITY,
  map: windowMax,
  reduce: largestOfMany,
});
const totals = (): Pooling => ({
  fill: 0,
  map: windowSum,
  reduce: (x, windows) => sum(unfolded(x, windows, 0), -1),
});

function largestOfMany(x: Tensor, windows: Windows): Tensor {
  const lowest = Number.NEGATIVE_INFINITY;
  const y = max(unfolded(x, windows, lowest), -1);
  const { dim, stride, padding, dilation, count } = windows;
  if (padding === 0) return y;
  // A window of -∞ alone selects its first element that is not padding.
  const starts = Array.from({ length: count }, (_, i) => i * stride - padding);
  const firsts = starts.map((start) => (start < 0 ? start + dilation * Math.ceil(-start / dilation) : start));
  const index = tensor(firsts, { dtype: "int32", device: x.device });
  return where(eq(y, lowest), indexSelect(x, dim, index), y);
}

function pooled(x: Tensor, all: readonly Windows[], { fill, map, reduce }: Pooling): Tensor {
  const elements = all.reduce((product, { size }) => product * size, 1);
  if (elements <= mostElements) {
    return map(
      all.reduce((y, windows) => padded(y, windows, fill), x),
      all,
      x.shape,
    );
  }
  // The last dimension comes first, so that of equal elements the first in row-major order wins.
  return all.reduceRight(
    (y, windows) =>
      windows.size <= mostElements ? map(padded(y, windows, fill), [windows], y.shape) : reduce(y, windows),
    x,
  );
}

/** The sum of each of many windows along one dimension, with zeros outside of the tensor. */
export function sumOfWindows(x: Tensor, windows: Windows): Tensor {
  return pooled(x, [windows], totals());
}

/** The largest element of each of many windows along one dimension. */
export function largestOfWindows(x: Tensor, windows: Windows): Tensor {
  return pooled(x, [windows], largest());
}

function maxPool(op: string, count: number, x: Tensor, kernelSize: Sizes, options: MaxPoolOptions): Tensor {
  return pooled(x, plan(op, x, kernelSize, options, count), largest());
}

/** Number of elements in each window, with or without the padding. */
function populations(extent: number, windows: Windows, includePad: boolean): number[] {
  const { size, stride, padding, count } = windows;
  return Array.from({ length: count }, (_, i) => {
    const start = i * stride - padding;
    return includePad
      ? Math.min(start + size, extent + padding) - start
      : Math.min(start + size, extent) - Math.max(start, 0);
  });
}

function avgPool(
  op: string,
  count: number,
  x: Tensor,
  kernelSize: Sizes,
  { countIncludePad = true, divisorOverride, ...options }: AvgPoolOptions,
): Tensor {
  if (divisorOverride === 0 || Number.isNaN(divisorOverride)) {
    throw new ShapeError(op, `divisorOverride is ${divisorOverride}`, "use another number");
  }
  const all = plan(op, x, kernelSize, options, count);
  const total = pooled(x, all, totals());
  if (divisorOverride !== undefined) return div(total, divisorOverride);
  return all.reduce(
    (y, windows) => divided(y, windows.dim, populations(x.shape[windows.dim]!, windows, countIncludePad)),
    total,
  );
}

interface PoolCall {
  readonly kernelSize: Sizes;
  readonly options: MaxPoolOptions & AvgPoolOptions;
}

function drawPool(draw: Draw, count: number, dilates: boolean): Sample<PoolCall> {
  const sizes = (min: number, max: number) => Array.from({ length: count }, () => draw.int(min, max));
  // Some windows are larger than one map can take.
  const kernelSize = draw.int(0, 5) === 0 ? sizes(1, 1).with(-1, 10) : sizes(1, 4);
  const dilation = dilates ? sizes(1, 2) : sizes(1, 1);
  const padding = kernelSize.map((size) => draw.int(0, Math.floor(size / 2)));
  const spatial = kernelSize.map((size, d) => {
    const span = (size - 1) * dilation[d]! + 1;
    return Math.max(dilates ? 2 : 1, span - 2 * padding[d]!) + draw.int(0, 3);
  });
  const options = {
    ...(draw.boolean() ? { stride: sizes(1, 3) } : {}),
    padding,
    ceilMode: draw.boolean(),
    ...(dilates ? { dilation } : { countIncludePad: draw.boolean() }),
    ...(dilates || draw.boolean() ? {} : { divisorOverride: 3 }),
  };
  const domain = { min: -2, max: 2, distinct: dilates };
  const lead = draw.boolean() ? [2] : [draw.int(1, 2), 1];
  return { inputs: [{ shape: [...lead, ...spatial], domain }], attrs: { kernelSize, options } };
}

const windowKinds = { stride: sizes, padding: sizes, ceilMode: boolean };
const maxOptions = /* @__PURE__ */ options<MaxPoolIndexOptions>(
  /* @__PURE__ */ Object.assign({}, windowKinds, { dilation: sizes, returnIndices: boolean }),
);
const avgKinds = /* @__PURE__ */ Object.assign({}, windowKinds, { countIncludePad: boolean });
const avgOptions = /* @__PURE__ */ options(avgKinds);
const avg2dOptions = /* @__PURE__ */ options<AvgPoolOptions>(
  /* @__PURE__ */ Object.assign({}, avgKinds, { divisorOverride: number }),
);

/** The record of a pooling function, for tests. */
function poolRecord(
  name: string,
  count: number,
  pool: (x: Tensor, kernelSize: Sizes, options: MaxPoolOptions & AvgPoolOptions) => Tensor,
) {
  const image = new Array<number>(count).fill(4);
  const half = new Array<number>(count).fill(2);
  return {
    name,
    takes: {
      x: tensorKind,
      kernelSize: sizes,
      options: name.startsWith("max") ? maxOptions : count === 1 ? avgOptions : avg2dOptions,
    },
    forward: ([x]: readonly unknown[], { kernelSize, options }: PoolCall) =>
      pool(x as Tensor, kernelSize, options),
    sample: (draw: Draw) => drawPool(draw, count, name.startsWith("max")),
    errors: [
      { shapes: [[4]], args: [2] },
      { shapes: [[1, ...image]], args: [5] },
      { shapes: [[1, ...image]], args: [2, { padding: half }] },
      { shapes: [[1, ...image]], args: [2, { stride: 0 }] },
      { shapes: [[1, ...image]], args: [[2, 2, 2]] },
    ],
  };
}

const max1d = (x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor =>
  maxPool("maxPool1d", 1, x, kernelSize, options);
const max2d = (x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor =>
  maxPool("maxPool2d", 2, x, kernelSize, options);
/** Options of {@link maxPool1d} and {@link maxPool2d} that ask for positions, too. */
export interface MaxPoolIndexOptions extends MaxPoolOptions {
  /**
   * Whether the result is `{ values, indices }`, with the positions of the values in the flattened spatial dimensions of the
   * input, as int32; false unless given.
   */
  readonly returnIndices?: boolean;
}

/** The largest element of each window, with positions if the options ask for them. */
export interface MaxPool {
  (x: Tensor, kernelSize: Sizes, options: MaxPoolIndexOptions & { readonly returnIndices: true }): Sorted;
  (x: Tensor, kernelSize: Sizes, options?: MaxPoolIndexOptions): Tensor;
  readonly composite: Composite;
}

// @__NO_SIDE_EFFECTS__
function maxPooling(name: string, count: number, pool: typeof max2d): MaxPool {
  const values = composite(pool, poolRecord(name, count, pool));
  const call = (x: Tensor, kernelSize: Sizes, options?: MaxPoolIndexOptions): Tensor | Sorted =>
    options?.returnIndices
      ? maxPoolWithIndices(name, count, x, kernelSize, options)
      : values(x, kernelSize, options);
  const { takes } = values.composite;
  return Object.assign(operation(name, takes, call), { composite: values.composite }) as MaxPool;
}

const avg1d = (x: Tensor, kernelSize: Sizes, options: AvgPool1dOptions = {}): Tensor =>
  avgPool("avgPool1d", 1, x, kernelSize, options);
const avg2d = (x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor =>
  avgPool("avgPool2d", 2, x, kernelSize, options);

/**
 * The largest element of each window: [batch, channels, length] or [channels, length] -> [..., length'], where
 * length' is ⌊(length + 2·padding - dilation·(size - 1) - 1) / stride⌋ + 1. NaN if any element is NaN. Of equal elements
 * the first takes the gradient.
 *
 * @throws ShapeError when the kernel is larger than the padded input, or the padding more than half of the kernel.
 * @example
 * maxPool1d(tensor([[1, 3, 2, 5]]), 2).toArray(); // → [[3,5]]
 */
export const maxPool1d: MaxPool = /* @__PURE__ */ maxPooling("maxPool1d", 1, max1d);

/**
 * The largest element of each window: [batch, channels, height, width] or [channels, height, width] -> [..., height',
 * width'], with sizes as in {@link maxPool1d}. NaN if any element is NaN. Of equal elements the first takes the gradient.
 *
 * @throws ShapeError when the kernel is larger than the padded input, or the padding more than half of the kernel.
 * @example
 * maxPool2d(tensor([[[1, 3], [2, 5]]]), 2).toArray(); // → [[[5]]]
 */
export const maxPool2d: MaxPool = /* @__PURE__ */ maxPooling("maxPool2d", 2, max2d);

/**
 * The mean of each window: [batch, channels, length] or [channels, length] -> [..., length'], where length' is
 * ⌊(length + 2·padding - size) / stride⌋ + 1.
 *
 * @throws ShapeError when the kernel is larger than the padded input, or the padding more than half of the kernel.
 * @example
 * avgPool1d(tensor([[1, 3, 2, 6]]), 2).toArray(); // → [[2,4]]
 */
export const avgPool1d = /* @__PURE__ */ composite(avg1d, /* @__PURE__ */ poolRecord("avgPool1d", 1, avg1d));

/**
 * The mean of each window: [batch, channels, height, width] or [channels, height, width] -> [..., height', width'],
 * with sizes as in {@link avgPool1d}.
 *
 * @throws ShapeError when the kernel is larger than the padded input, or the padding more than half of the kernel.
 * @example
 * avgPool2d(tensor([[[1, 3], [2, 6]]]), 2).toArray(); // → [[[3]]]
 */
export const avgPool2d = /* @__PURE__ */ composite(avg2d, /* @__PURE__ */ poolRecord("avgPool2d", 2, avg2d));
