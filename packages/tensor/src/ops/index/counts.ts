import { formatShape, IndexError, type Shape, ShapeError, ThalwegError } from "@thalweg/kernels";
import { ones, zeros } from "../../create";
import { maybeTensor, tensor } from "../../kinds";
import { boolean, count, finite, oneOf, operation, optional, options, positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { where } from "../map/choice";
import { pointwise } from "../pointwise";
import { amax, amin } from "../reduce/extrema";
import { checkFloating } from "../types";
import { reshapeTo } from "../view/reshape";
import { gatherOp, scatterOp } from "./gather";
import { read, readAsync } from "./on-host";

/** Options of {@link bincount}. */
export interface BincountOptions {
  /** What an element counts, a vector; 1 unless given. */
  readonly weights?: Tensor | null;
  /** The smallest length of the result; 0 unless given. */
  readonly minLength?: number;
}

const bincountArguments = {
  x: tensor,
  options: /* @__PURE__ */ options<BincountOptions>({ weights: maybeTensor, minLength: count }),
};

function checkBins(op: string, x: Tensor, { weights }: BincountOptions): void {
  const wrong = x.ndim !== 1 ? x : weights && weights.size !== x.size ? weights : null;
  if (wrong === null) return;
  throw new ShapeError(
    op,
    `needs a vector, and as many weights, got ${formatShape(x.shape)}${weights ? ` and ${formatShape(weights.shape)}` : ""}`,
    "flatten it first",
    [x.shape],
  );
}

function bins(
  op: string,
  x: Tensor,
  elements: ArrayLike<number>,
  { weights = null, minLength = 0 }: BincountOptions,
): Tensor {
  let length = minLength;
  for (let i = 0; i < elements.length; i++) {
    const value = elements[i]!;
    if (!Number.isInteger(value) || value < 0) {
      throw new IndexError(
        op,
        `elements must be whole numbers from 0 on, got ${value}`,
        "use histc for others",
      );
    }
    length = Math.max(length, value + 1);
  }
  const start = zeros([length], { dtype: weights?.dtype ?? "int32", device: x.device });
  const added = weights?.detach() ?? ones(x.shape, { dtype: "int32", device: x.device });
  return apply(scatterOp, [start, x.detach(), added], { op, dim: 0 });
}

/**
 * How often each whole number from 0 on occurs in a vector, up to the largest one: int32, or sums of weights. Nothing has a gradient.
 *
 * @throws IndexError when an element is not a whole number from 0 on; DeviceError on WebGPU, where {@link bincountAsync} works.
 * @example
 * bincount(tensor([1, 3, 1])).toArray(); // → [0,2,0,1]
 */
export const bincount = /* @__PURE__ */ operation(
  "bincount",
  bincountArguments,
  (x: Tensor, options: BincountOptions = {}): Tensor => {
    checkBins("bincount", x, options);
    return bins("bincount", x, read("bincount", x), options);
  },
);

/** Does the same as {@link bincount}, on every device. */
export const bincountAsync = /* @__PURE__ */ operation(
  "bincountAsync",
  bincountArguments,
  async (x: Tensor, options: BincountOptions = {}): Promise<Tensor> => {
    checkBins("bincountAsync", x, options);
    return bins("bincountAsync", x, await readAsync("bincountAsync", x), options);
  },
);

/** Options of {@link histc}. */
export interface HistcOptions {
  /** Where the first bin starts; 0 unless given. */
  readonly min?: number;
  /** Where the last bin ends; 0 unless given. If it equals `min`, the bins span the elements. */
  readonly max?: number;
}

/** The bin of an element; -1 outside of all. The last bin includes its end. */
const binOf = /* @__PURE__ */ pointwise("binOf", (x, low, high, count) => {
  const [start, end] = [low.eq(high).choose(low.sub(1), low), low.eq(high).choose(high.add(1), high)];
  const bin = x
    .sub(start)
    .mul(count.div(end.sub(start)))
    .floor()
    .minimum(count.sub(1));
  return x.ge(start).mul(x.le(end)).choose(bin, -1);
});

/**
 * The number of elements in each of `bins` intervals of equal width, 100 unless given, in the type of `x`. Elements outside, and NaN, are
 * not counted. Nothing has a gradient.
 *
 * @throws ThalwegError when `max` is below `min`; DTypeError for ints.
 * @example
 * histc(tensor([1, 2, 1]), 4, { min: 0, max: 3 }).toArray(); // → [0,2,1,0]
 */
export const histc = /* @__PURE__ */ operation(
  "histc",
  {
    x: tensor,
    bins: /* @__PURE__ */ optional(positive),
    options: /* @__PURE__ */ options<HistcOptions>({ min: finite, max: finite }),
  },
  (x: Tensor, bins = 100, options: HistcOptions = {}): Tensor => {
    const { min = 0, max = 0 } = options;
    checkFloating("histc", x);
    if (max < min) throw new ThalwegError("histc", `max is below min, ${max} and ${min}`, "swap them");
    const flat = reshapeTo(x.detach(), [x.size]);
    const start = zeros([bins], { dtype: x.dtype, device: x.device });
    if (x.size === 0) return start;
    const [low, high] = min === max ? [amin(flat), amax(flat)] : [min, max];
    const bin = to(binOf(flat, low, high, bins), "int32");
    const isCounted = bin.ge(0);
    return apply(scatterOp, [start, where(isCounted, bin, 0), to(isCounted, x.dtype)], {
      op: "histc",
      dim: 0,
    });
  },
);

/** Options of {@link searchsorted}. */
export interface SearchsortedOptions {
  /** Whether a value goes after elements that equal it; false unless given. */
  readonly right?: boolean;
  /** "left" or "right", another form of `right`; "left" unless given. */
  readonly side?: "left" | "right";
  /** Positions that sort the sequence, if it is not sorted; none unless given. */
  readonly sorter?: Tensor | null;
}

/** The position of the element to compare with, `step` further than the place found so far. */
const probe = /* @__PURE__ */ pointwise("probe", (place, step, extent) =>
  place.add(step).minimum(extent).sub(1),
);

// A NaN goes after everything, as if it were the largest number.
const after = {
  left: /* @__PURE__ */ pointwise("searchLeft", (place, step, extent, element, value) =>
    place.add(step).le(extent).mul(element.ge(value).eq(0)).choose(place.add(step), place),
  ),
  right: /* @__PURE__ */ pointwise("searchRight", (place, step, extent, element, value) =>
    place.add(step).le(extent).mul(element.gt(value).eq(0)).choose(place.add(step), place),
  ),
};

/** Places of values in sorted lines, along the last dimension, by steps of halved length. */
function search(op: string, sequence: Tensor, values: Tensor, isRight: boolean): Tensor {
  const dim = sequence.ndim - 1;
  const extent = sequence.shape[dim]!;
  let place = zeros(values.shape, { dtype: "int32", device: values.device });
  if (extent === 0) return place;
  for (let step = 2 ** Math.floor(Math.log2(extent)); step >= 1; step /= 2) {
    const element = apply(gatherOp, [sequence, probe(place, step, extent)], { op, dim });
    place = after[isRight ? "right" : "left"](place, step, extent, element, values);
  }
  return place;
}

function checkLead(op: string, sequence: Tensor, values: Tensor): void {
  const [a, b]: [Shape, Shape] = [sequence.shape.slice(0, -1), values.shape.slice(0, -1)];
  if (sequence.ndim === values.ndim && formatShape(a) === formatShape(b)) return;
  throw new ShapeError(
    op,
    `the values do not fit, ${formatShape(values.shape)} and sequences ${formatShape(sequence.shape)}`,
    "the dimensions before the last are equal, or the sequence is a vector",
    [sequence.shape, values.shape],
  );
}

function placed(op: string, sequence: Tensor, values: Tensor, isRight: boolean): Tensor {
  const [line, wanted] = [sequence.detach(), values.detach()];
  if (line.ndim !== 1) {
    checkLead(op, line, wanted);
    return search(op, line, wanted, isRight);
  }
  return reshapeTo(search(op, line, reshapeTo(wanted, [wanted.size]), isRight), wanted.shape);
}

/**
 * Where values would have to be inserted to keep a sequence sorted: the number of elements below each value, or with `right` of those
 * that are not above it. The sequence is a vector, or has the dimensions of the values before the last; int32.
 *
 * @throws ShapeError when the dimensions do not fit.
 * @example
 * searchsorted(tensor([1, 3, 5]), tensor([0, 3, 9])).toArray(); // → [0,1,3]
 */
export const searchsorted = /* @__PURE__ */ operation(
  "searchsorted",
  {
    sequence: tensor,
    values: tensor,
    options: /* @__PURE__ */ options<SearchsortedOptions>({
      right: boolean,
      side: /* @__PURE__ */ oneOf("left", "right"),
      sorter: maybeTensor,
    }),
  },
  (sequence: Tensor, values: Tensor, options: SearchsortedOptions = {}): Tensor => {
    const { right = false, side, sorter } = options;
    if (sequence.ndim === 0) {
      throw new ShapeError("searchsorted", "the sequence is a scalar", "it has at least one dimension", [[]]);
    }
    if (right && side === "left") {
      throw new ThalwegError("searchsorted", 'right is true and side "left"', "give one of them");
    }
    const sorted = sorter
      ? apply(gatherOp, [sequence, sorter], { op: "searchsorted", dim: sequence.ndim - 1 })
      : sequence;
    return placed("searchsorted", sorted, values, right || side === "right");
  },
);

/** Options of {@link bucketize}. */
export interface BucketizeOptions {
  /** Whether a value on a boundary belongs to the bucket above it; false unless given. */
  readonly right?: boolean;
}

/**
 * The bucket of each element between ascending boundaries, a vector: 0 below the first; int32. A value on a boundary belongs to the
 * bucket below it unless `right` is true.
 *
 * @example
 * bucketize(tensor([0, 3, 9]), tensor([1, 3, 5])).toArray(); // → [0,1,3]
 */
export const bucketize = /* @__PURE__ */ operation(
  "bucketize",
  {
    x: tensor,
    boundaries: tensor,
    options: /* @__PURE__ */ options<BucketizeOptions>({ right: boolean }),
  },
  (x: Tensor, boundaries: Tensor, options: BucketizeOptions = {}): Tensor => {
    const { right = false } = options;
    if (boundaries.ndim !== 1) {
      throw new ShapeError(
        "bucketize",
        `the boundaries must be a vector, got shape ${formatShape(boundaries.shape)}`,
        "use searchsorted for several sequences",
        [x.shape, boundaries.shape],
      );
    }
    return placed("bucketize", boundaries, x, right);
  },
);
