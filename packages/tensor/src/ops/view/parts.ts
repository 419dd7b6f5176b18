import { normalizeDim, ShapeError } from "@thalweg/kernels";
import { integers, maybeDim, tensor } from "../../kinds";
import { count, either, operation, optional, options, positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { cat } from "../join/cat";
import { sub } from "../map/arithmetic";
import { clone } from "../map/clone";
import { ne } from "../map/comparison";
import { sliceOp } from "./view";

function dimOf(op: string, x: Tensor, dim: number): number {
  const d = normalizeDim(op, dim, x.ndim);
  if (x.ndim > 0) return d;
  throw new ShapeError(op, "shape [] has no dimension", "give it one, with unsqueeze(0)", [x.shape]);
}

const part = (x: Tensor, dim: number, start: number, end: number) =>
  apply(sliceOp, [x], {
    dim,
    start: Math.min(start, x.shape[dim]!),
    length: Math.max(0, end - start),
    step: 1,
  });

/**
 * Splits along `dim` (the first dimension unless given) into as many parts as a number says, the first ones larger by one where
 * it does not divide, or before each of the listed positions, which count from the end if negative. Views.
 *
 * @example
 * tensorSplit(tensor([1, 2, 3, 4, 5]), 2).map((x) => x.toArray()); // → [[1,2,3],[4,5]]
 */
export const tensorSplit = /* @__PURE__ */ operation(
  "tensorSplit",
  { x: tensor, indicesOrSections: either(positive, integers), dim: maybeDim },
  (x: Tensor, indicesOrSections: number | readonly number[], dim = 0): Tensor[] => {
    const d = dimOf("tensorSplit", x, dim);
    const extent = x.shape[d]!;
    const at = typeof indicesOrSections === "number" ? evenly(extent, indicesOrSections) : indicesOrSections;
    const within = at.map((i) => Math.min(extent, Math.max(0, i < 0 ? i + extent : i)));
    return [...within, extent].map((end, k) => part(x, d, k === 0 ? 0 : within[k - 1]!, end));
  },
);

/** The positions between parts that differ by one at most, larger ones first. */
function evenly(extent: number, parts: number): number[] {
  const [size, larger] = [Math.floor(extent / parts), extent % parts];
  return Array.from({ length: parts - 1 }, (_, k) => (k + 1) * size + Math.min(k + 1, larger));
}

/** Options of {@link diff}. */
export interface DiffOptions {
  /** Elements before those of x along the dimension; none unless given. */
  readonly prepend?: Tensor;
  /** Elements behind those of x along the dimension; none unless given. */
  readonly append?: Tensor;
}

/**
 * Differences of neighbours along `dim`, the last one unless given, taken `n` times; `n` is 1 unless given. The difference of conditions is
 * whether they differ.
 *
 * @throws ShapeError for a scalar.
 * @example
 * diff(tensor([1, 4, 9])).toArray(); // → [3,5]
 */
export const diff = /* @__PURE__ */ operation(
  "diff",
  {
    x: tensor,
    n: optional(count),
    dim: maybeDim,
    options: options<DiffOptions>({ prepend: tensor, append: tensor }),
  },
  (x: Tensor, n = 1, dim = -1, { prepend, append }: DiffOptions = {}): Tensor => {
    const d = dimOf("diff", x, dim);
    if (n === 0) return clone(x);
    const parts = [prepend, x, append].filter((part) => part !== undefined);
    let y = parts.length === 1 ? x : cat(parts, d);
    for (let k = 0; k < n; k++) {
      const extent = y.shape[d]!;
      const [after, before] = [part(y, d, 1, extent), part(y, d, 0, extent - 1)];
      y = y.dtype === "bool" ? ne(after, before) : sub(after, before);
    }
    return y;
  },
);
