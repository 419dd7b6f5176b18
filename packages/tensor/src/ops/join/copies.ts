import { formatShape, normalizeDim, type Shape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../create";
import { integers, maybeDims, tensor as tensorKind } from "../../kinds";
import { count, either, integer, list, number, oneOf, operation, optional, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { indexSelect } from "../index/gather";
import { sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { clone } from "../map/clone";
import { ge, le } from "../map/comparison";
import { positionsAlong } from "../positions";
import { reshapeTo } from "../view/reshape";
import { embed, expandOp, sliceOp } from "../view/view";
import { cat } from "./cat";

/**
 * Repeats the tensor `counts[d]` times along each dimension. Extra counts add leading dimensions. A copy.
 *
 * @example
 * tensor([1, 2]).repeat([2, 2]).toArray(); // → [[1,2,1,2],[1,2,1,2]]
 */
export const repeat = operation(
  "repeat",
  { x: tensorKind, counts: list(count) },
  (x: Tensor, counts: readonly number[]): Tensor => {
    if (counts.length < x.ndim) {
      throw new ShapeError(
        "repeat",
        `too few counts, ${formatShape(counts)} for shape ${formatShape(x.shape)}`,
        "give one for each dimension",
        [x.shape],
      );
    }
    const shape = [...new Array<number>(counts.length - x.ndim).fill(1), ...x.shape];
    const column = reshapeTo(
      x,
      shape.flatMap((extent) => [1, extent]),
    );
    const wide = apply(
      expandOp,
      [column],
      shape.flatMap((extent, d) => [counts[d]!, extent]),
    );
    const repeated = reshapeTo(
      wide,
      shape.map((extent, d) => extent * counts[d]!),
    );
    return repeated.storage === x.storage ? clone(repeated) : repeated;
  },
);

/** Does the same as {@link repeat}, but missing counts on the left are 1. */
export const tile = operation(
  "tile",
  { x: tensorKind, counts: list(count) },
  (x: Tensor, counts: readonly number[]): Tensor => {
    return repeat(x, [...new Array<number>(Math.max(0, x.ndim - counts.length)).fill(1), ...counts]);
  },
);

/**
 * Shifts elements by `shift` along `dim`, with those past the end wrapped around; in the flattened tensor unless
 * `dim` is given. A copy.
 */
export const roll = operation(
  "roll",
  { x: tensorKind, shift: either(integer, integers), dim: maybeDims },
  (x: Tensor, shift: number | readonly number[], dim?: number | readonly number[]): Tensor => {
    if (dim === undefined) return reshapeTo(roll(reshapeTo(x, [x.size]), shift, 0), x.shape);
    const [shifts, dims] = [[shift].flat(), [dim].flat()];
    if (shifts.length !== dims.length) {
      throw new ShapeError(
        "roll",
        `${shifts.length} shifts for ${dims.length} dims`,
        "give one shift for each dim",
        [x.shape],
      );
    }
    return dims.reduce<Tensor>((y, given, k) => {
      const d = normalizeDim("roll", given, x.ndim);
      const extent = y.shape[d] ?? 1;
      if (y.size === 0 || y.ndim === 0) return clone(y);
      const by = ((shifts[k]! % extent) + extent) % extent;
      if (by === 0) return clone(y);
      const part = (start: number, length: number) => apply(sliceOp, [y], { dim: d, start, length, step: 1 });
      return cat([part(extent - by, by), part(0, extent - by)], d);
    }, x);
  },
);

/** Options of {@link pad}. */
export interface PadOptions {
  /** Source of the new elements: a constant, the mirror image, the edge, or the other end; "constant" unless given. */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
  /** The constant; 0 unless given. */
  readonly value?: number;
}

/**
 * Pads with `pads` elements before and after: `[left, right, top, bottom, ...]`, the last dimension first. Negative counts
 * crop; the mode `"circular"` then repeats the elements that are left. A copy.
 *
 * @example
 * tensor([1, 2, 3]).pad([1, 1], { mode: "reflect" }).toArray(); // → [2,1,2,3,2]
 */
export const pad = operation(
  "pad",
  {
    x: tensorKind,
    pads: list(integer),
    options: options({ mode: oneOf("constant", "reflect", "replicate", "circular"), value: number }),
  },
  (x: Tensor, pads: readonly number[], options: PadOptions = {}): Tensor => {
    const { mode = "constant", value = 0 } = options;
    if (pads.length % 2 !== 0 || pads.length > 2 * x.ndim) {
      throw new ShapeError(
        "pad",
        `${pads.length} pads do not fit, shape ${formatShape(x.shape)} takes up to ${2 * x.ndim}, in pairs`,
        "give [before, after] for each dimension, the last first",
        [x.shape],
      );
    }
    let result = x;
    for (let k = 0; k < pads.length; k += 2) {
      const dim = x.ndim - 1 - k / 2;
      result = padDim(result, dim, pads[k]!, pads[k + 1]!, mode, value);
    }
    return result === x ? clone(x) : result;
  },
);

function padDim(
  x: Tensor,
  dim: number,
  before: number,
  after: number,
  mode: PadOptions["mode"],
  value: number,
): Tensor {
  if (before === 0 && after === 0) return x;
  const extent = x.shape[dim]!;
  const length = extent + before + after;
  const refuse = (remedy: string) =>
    new ShapeError(
      "pad",
      `[${before}, ${after}] does not fit, dim ${dim} of shape ${formatShape(x.shape)}`,
      remedy,
      [x.shape],
    );
  if (length < 0) throw refuse("crop no more than the extent");
  if (mode === "constant") {
    const start = Math.max(0, -before);
    const kept = Math.max(0, extent - start - Math.max(0, -after));
    const cut = apply(sliceOp, [x], { dim, start: Math.min(start, extent), length: kept, step: 1 });
    const shape: Shape = x.shape.with(dim, length);
    return embed(
      cut,
      shape,
      { dim, start: Math.min(Math.max(0, before), length), length: kept, step: 1 },
      value,
    );
  }
  const most = Math.max(before, after);
  // Cropped elements are not repeated at the other end.
  const cut = Math.max(0, -before);
  const kept = extent - cut - Math.max(0, -after);
  if (mode === "reflect" && most >= extent) throw refuse("reflect pads at most one less than the extent");
  if (mode === "circular" && most > Math.max(0, kept)) throw refuse("circular pads at most what is kept");
  if (extent === 0) throw refuse("an empty dimension has no element to repeat");
  const positions = Array.from({ length }, (_, i) =>
    mode === "circular"
      ? cut + ((i - before - cut + kept) % kept)
      : source(i - before, extent, mode === "reflect"),
  );
  return indexSelect(x, dim, tensor(positions, { device: x.device, dtype: "int32" }));
}

/** The position that an element past the ends is copied from: its mirror image, or the end itself. */
function source(position: number, extent: number, isMirrored: boolean): number {
  if (!isMirrored) return Math.max(0, Math.min(extent - 1, position));
  const mirrored = Math.abs(position);
  return mirrored < extent ? mirrored : 2 * (extent - 1) - mirrored;
}

/** The column minus the row of each element, in the last two dimensions. */
function distance(op: string, x: Tensor): Tensor {
  if (x.ndim < 2) {
    throw new ShapeError(op, `needs a matrix, got shape ${formatShape(x.shape)}`, "unsqueeze it first", [
      x.shape,
    ]);
  }
  const shape = x.shape.slice(-2);
  return sub(positionsAlong(x, shape, 1), positionsAlong(x, shape, 0));
}

/** The lower triangle of the last two dimensions, up to `diagonal` (0, the main one, unless given); 0 elsewhere. */
export const tril = operation(
  "tril",
  { x: tensorKind, diagonal: optional(integer) },
  (x: Tensor, diagonal = 0): Tensor => {
    return where(le(distance("tril", x), diagonal), x, 0);
  },
);

/** The upper triangle of the last two dimensions, from `diagonal` (0, the main one, unless given) on; 0 elsewhere. */
export const triu = operation(
  "triu",
  { x: tensorKind, diagonal: optional(integer) },
  (x: Tensor, diagonal = 0): Tensor => {
    return where(ge(distance("triu", x), diagonal), x, 0);
  },
);
