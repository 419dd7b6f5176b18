import {
  formatShape,
  IndexError,
  normalizeDim,
  normalizeDims,
  normalizeIndex,
  ShapeError,
} from "@thalweg/kernels";
import { dims, maybeDim, tensor } from "../../kinds";
import {
  checkArguments,
  count,
  either,
  integer,
  type Kind,
  kind,
  list,
  number,
  operation,
  options,
  positive,
} from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { reshapeTo } from "./reshape";
import { diagonalOp, selectOp, sliceOp, unfoldOp } from "./view";

/** A range along one dimension: all (`null`), one index, which removes the dimension, or `[start, end, step?]`. */
export type Range = null | number | readonly [start: number | null, end?: number | null, step?: number];

export const range: Kind = kind(
  "null, a whole number or [start, end, step?]",
  (value) =>
    value === null ||
    typeof value === "number" ||
    (Array.isArray(value) && value.length <= 3 && value.every((at) => at == null || typeof at === "number")),
);

/** Returns the dimension `dim`. Throws for a scalar, which has none. */
function dimOf(op: string, x: Tensor, dim: number): number {
  const d = normalizeDim(op, dim, x.ndim);
  if (x.ndim > 0) return d;
  throw new ShapeError(op, "shape [] has no dimension to take from", "give it one, with unsqueeze(0)", [
    x.shape,
  ]);
}

/** `length` elements from `start` on along `dim`. A view. */
export const narrow = operation(
  "narrow",
  { x: tensor, dim: number, start: integer, length: count },
  (x: Tensor, dim: number, start: number, length: number): Tensor => {
    const d = dimOf("narrow", x, dim);
    const extent = x.shape[d]!;
    const from = start < 0 ? start + extent : start;
    if (from < 0 || from + length > extent) {
      throw new IndexError(
        "narrow",
        `start ${start} and length ${length} leave the dimension, dim ${d} of shape ${formatShape(x.shape)} has ${extent} elements`,
        "shorten the range",
      );
    }
    return apply(sliceOp, [x], { dim: d, start: from, length, step: 1 });
  },
);

/** The elements at one position along `dim`, without that dimension. A view. */
export const select = operation(
  "select",
  { x: tensor, dim: number, index: number },
  (x: Tensor, dim: number, index: number): Tensor => {
    const d = dimOf("select", x, dim);
    return take("select", x, d, index);
  },
);

function take(op: string, x: Tensor, dim: number, index: number): Tensor {
  return apply(selectOp, [x], { dim, index: normalizeIndex(op, index, x.shape[dim] ?? 0, dim) });
}

/**
 * Takes one range for each dimension, from the first on; the other dimensions are kept whole. Ends are not included,
 * negative positions count from the end, and a negative step goes backwards. A view.
 *
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.slice(null, [0, 2]).toArray(); // → [[1,2],[4,5]]
 * x.slice(1).toArray(); // → [4,5,6]
 * x.slice(0, [null, null, -1]).toArray(); // → [3,2,1]
 */
export function slice(x: Tensor, ...ranges: Range[]): Tensor {
  checkArguments("slice", { x: tensor, ranges: list(range) }, [x, ranges]);
  if (ranges.length > x.ndim) {
    throw new ShapeError(
      "slice",
      `${ranges.length} ranges were given, shape ${formatShape(x.shape)} has ${x.ndim} dimension${x.ndim === 1 ? "" : "s"}`,
      ranges.length === 2 && ranges.every((at) => typeof at === "number")
        ? `give at most one for each; the range from ${ranges[0]} to ${ranges[1]} is slice([${ranges.join(", ")}])`
        : "give at most one range for each",
      [x.shape],
    );
  }
  let dim = 0;
  let result = x;
  for (const range of ranges) {
    if (typeof range === "number") {
      result = take("slice", result, dim, range);
      continue;
    }
    if (range !== null) result = strided(result, dim, range);
    dim++;
  }
  return result;
}

function strided(x: Tensor, dim: number, [first, last, step = 1]: Exclude<Range, null | number>): Tensor {
  const extent = x.shape[dim]!;
  if (!Number.isInteger(step) || step === 0) {
    throw new IndexError(
      "slice",
      `the step of dim ${dim} must be a whole number other than 0, got ${step}`,
      "use 1",
    );
  }
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const bound = (position: number | null | undefined, missing: number) =>
    position === null || position === undefined
      ? missing
      : Math.max(low, Math.min(high, position < 0 ? position + extent : position));
  const start = bound(first, step > 0 ? low : high);
  const end = bound(last, step > 0 ? high : low);
  if (!Number.isInteger(start) || !Number.isInteger(end)) {
    throw new IndexError(
      "slice",
      `positions of dim ${dim} must be whole numbers, got [${first}, ${last}]`,
      "round them",
    );
  }
  const length = Math.max(0, Math.ceil((end - start) / step));
  return apply(sliceOp, [x], { dim, start, length, step });
}

/** The elements in reverse order along the dims. A view. */
export const flip = operation(
  "flip",
  { x: tensor, dims: dims },
  (x: Tensor, dims: number | readonly number[]): Tensor => {
    if (typeof dims !== "number" && dims.length === 0) return x;
    return normalizeDims("flip", dims, x.ndim).reduce(
      (y, dim) =>
        apply(sliceOp, [y], { dim, start: Math.max(0, y.shape[dim]! - 1), length: y.shape[dim]!, step: -1 }),
      x,
    );
  },
);

/**
 * Splits along `dim` (the first dimension unless given), into pieces of `size` with a smaller last one, or of the
 * listed sizes. Views.
 */
export const split = operation(
  "split",
  { x: tensor, size: either(count, list(count)), dim: maybeDim },
  (x: Tensor, size: number | readonly number[], dim = 0): Tensor[] => {
    const d = dimOf("split", x, dim);
    const extent = x.shape[d]!;
    let sizes: readonly number[];
    if (typeof size === "number") {
      // As in PyTorch, only an empty dimension can be split into pieces of size 0.
      if (size === 0 && extent > 0) {
        throw new IndexError(
          "split",
          `parts of 0 do not cover ${extent} element${extent === 1 ? "" : "s"}`,
          "pass at least 1",
        );
      }
      const count = extent === 0 ? 1 : Math.ceil(extent / size);
      sizes = Array.from({ length: count }, (_, i) => Math.min(size, extent - i * size));
    } else {
      sizes = size;
      if (size.reduce((a, b) => a + b, 0) !== extent) {
        throw new ShapeError(
          "split",
          `the sizes do not add up, ${formatShape(size)} and ${extent} elements in dim ${d} of shape ${formatShape(x.shape)}`,
          "they must cover the dimension",
          [x.shape],
        );
      }
    }
    let start = 0;
    return sizes.map((length) => {
      start += length;
      return narrow(x, d, start - length, length);
    });
  },
);

/**
 * Splits along `dim` (the first dimension unless given) into at most `count` equal pieces with a smaller last one; an
 * empty dimension into exactly `count`. Views.
 */
export const chunk = operation(
  "chunk",
  { x: tensor, count: positive, dim: maybeDim },
  (x: Tensor, count: number, dim = 0): Tensor[] => {
    const extent = x.shape[dimOf("chunk", x, dim)]!;
    return split(x, extent === 0 ? new Array<number>(count).fill(0) : Math.ceil(extent / count), dim);
  },
);

/** Splits into the positions along `dim` (the first dimension unless given), each without that dimension. Views. */
export const unbind = operation("unbind", { x: tensor, dim: maybeDim }, (x: Tensor, dim = 0): Tensor[] => {
  const d = dimOf("unbind", x, dim);
  return Array.from({ length: x.shape[d]! }, (_, i) => select(x, d, i));
});

/** Options of {@link diagonal}. */
export interface DiagonalOptions {
  /** Number of the diagonal: 0 is the main one, and positive numbers are above it; 0 unless given. */
  readonly offset?: number;
  /** The dimension of the rows; 0 unless given. */
  readonly dim1?: number;
  /** The dimension of the columns; 1 unless given. */
  readonly dim2?: number;
}

/**
 * The diagonal of two dimensions, as the last dimension. A view. `dim1` and `dim2` are the first two dimensions unless
 * given. `offset` counts from the main diagonal and is 0 unless given.
 */
export const diagonal = operation(
  "diagonal",
  { x: tensor, options: options({ offset: integer, dim1: number, dim2: number }) },
  (x: Tensor, options: DiagonalOptions = {}): Tensor => {
    const { offset = 0, dim1 = 0, dim2 = 1 } = options;
    const [a, b] = [normalizeDim("diagonal", dim1, x.ndim), normalizeDim("diagonal", dim2, x.ndim)];
    if (a === b) {
      throw new ShapeError(
        "diagonal",
        `both dims are ${a}, shape ${formatShape(x.shape)}`,
        "name two different dimensions",
        [x.shape],
      );
    }
    return apply(diagonalOp, [x], { offset, dim1: a, dim2: b });
  },
);

/** Windows of `size` along `dim`, at a distance of `step`. The elements of a window become the last dimension. A view. */
export const unfold = operation(
  "unfold",
  { x: tensor, dim: number, size: count, step: positive },
  (x: Tensor, dim: number, size: number, step: number): Tensor => {
    const d = normalizeDim("unfold", dim, x.ndim);
    const extent = x.shape[d] ?? 1;
    if (size > extent) {
      throw new ShapeError(
        "unfold",
        `windows of ${size} do not fit, dim ${d} of shape ${formatShape(x.shape)} has ${extent} elements`,
        `use a size of up to ${extent}`,
        [x.shape],
      );
    }
    // A scalar has a single window.
    if (x.ndim === 0) return narrow(reshapeTo(x, [1]), 0, 0, size);
    return apply(unfoldOp, [x], { dim: d, size, step, spacing: 1 });
  },
);
