import { formatShape, IndexError, runHost, ShapeError, sameShape, ThalwegError } from "@thalweg/kernels";
import { tensor as create, ones, zeros } from "../../create";
import { maybeTensor, tensor } from "../../kinds";
import { atLeastZero, boolean, either, integer, oneOf, options, real } from "../../signature";
import { Tensor } from "../../tensor";
import { to } from "../cast";
import { composite } from "../define-op";
import { div, mul, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { eq, gt, ne } from "../map/comparison";
import { clamp } from "../map/rounding";
import { max } from "../reduce/extrema";
import { sum } from "../reduce/sums";
import type { Draw } from "../sample";
import { cumsum } from "../scan/recurrence";
import { expand, unsqueeze } from "../view/shape";
import { narrow } from "../view/slice";
import { checkTable, embedding, scatterAdd } from "./gather";
import { largestOfSegments } from "./segments";
import { paddingRow, shorten } from "./table";

/** Options of {@link embeddingBag}. */
export interface EmbeddingBagOptions {
  /** The positions where bags begin, in ascending order from 0 on: [bags]. A vector of indices needs them; none unless given. */
  readonly offsets?: Tensor | null;
  /** What becomes of the rows of a bag; `"mean"` unless given. */
  readonly mode?: "sum" | "mean" | "max";
  /** Factors of the rows, in the shape of the index, for the mode `"sum"`; 1 unless given. */
  readonly perSampleWeights?: Tensor | null;
  /** Whether the last offset is the end of the last bag, not the beginning of another; false unless given. */
  readonly includeLastOffset?: boolean;
  /** A row that counts for nothing, and gets no gradient; counted from the end if negative. None unless given. */
  readonly paddingIdx?: number | null;
  /** Largest norm of a row: longer rows are shortened in place when they are looked up. No limit, or null, unless given. */
  readonly maxNorm?: number | null;
  /** Order of that norm; 2 unless given. */
  readonly normType?: number;
}

const op = "embeddingBag";

/** Reductions of rows, [..., features], to one row for each bag. */
interface Bags {
  sum(rows: Tensor): Tensor;
  /** Arbitrary rows for bags without any. */
  largest(rows: Tensor): Tensor;
}

/** Bags of one size: the rows of a matrix of indices. */
const ofMatrix: Bags = {
  sum: (rows) => sum(rows, 1),
  largest: (rows) => (rows.shape[1] === 0 ? sum(rows, 1) : max(rows, 1)),
};

/** Bags of a vector of `count` indices. */
function ofVector(count: number, offsets: Tensor, includeLastOffset: boolean): Bags {
  const starts = to(offsets.detach(), "int32");
  const own = { dtype: "int32", device: offsets.device } as const;
  const marks = scatterAdd(zeros([count + 1], own), 0, starts, ones(starts.shape, own));
  // What follows the last offset is a bag of its own, which may be left out.
  const bag = sub(narrow(cumsum(marks, 0), 0, 0, count), 1);
  const bags = includeLastOffset ? offsets.size - 1 : offsets.size;
  const only = (y: Tensor) => (includeLastOffset ? narrow(y, 0, 0, bags) : y);
  const total = (rows: Tensor) => {
    const { dtype, device } = rows;
    const empty = zeros([offsets.size, rows.shape[1]!], { dtype, device });
    return only(scatterAdd(empty, 0, expand(unsqueeze(bag, 1), rows.shape), rows));
  };
  return {
    sum: total,
    largest: (rows) => (count === 0 ? total(rows) : largestOfSegments(rows, bag, only(starts))),
  };
}

/** Throws on the CPU where offsets are not in order; elsewhere, reading throws where one is no position. */
function checkOrder(offsets: Tensor, count: number): void {
  if (offsets.device !== "cpu") return;
  runHost(offsets.storage.backend, op, [], [offsets], (_, [view]) => {
    const { storage, layout } = view!;
    let before = 0;
    new Tensor(storage, layout).dataSync().forEach((at, i) => {
      if (i === 0 ? at === 0 : at >= before && at <= count) {
        before = at;
        return;
      }
      throw new IndexError(
        op,
        `offset ${i} is ${at}, the one before is ${i === 0 ? "none" : before} and there are ${count} indices`,
        "offsets begin with 0, and ascend to the number of indices at most",
      );
    });
  });
}

function bagsOf(index: Tensor, { offsets, includeLastOffset = false }: EmbeddingBagOptions): Bags {
  if (index.ndim === 2 && !offsets) return ofMatrix;
  const given = offsets ? formatShape(offsets.shape) : "none";
  if (index.ndim !== 1 || offsets?.ndim !== 1 || (includeLastOffset && offsets.size === 0)) {
    throw new ShapeError(
      op,
      `index and offsets do not fit, ${formatShape(index.shape)} and ${given}`,
      "pass a matrix [bags, size] alone, or a vector with the offsets of its bags",
      [index.shape],
    );
  }
  checkOrder(offsets, index.size);
  return ofVector(index.size, offsets, includeLastOffset);
}

function checkWeights(index: Tensor, weights: Tensor, mode: string): void {
  if (mode !== "sum") {
    throw new ThalwegError(op, `perSampleWeights do not go with mode "${mode}"`, 'use the mode "sum"');
  }
  if (sameShape(weights.shape, index.shape)) return;
  throw new ShapeError(
    op,
    `perSampleWeights do not fit the index, ${formatShape(weights.shape)} and ${formatShape(index.shape)}`,
    "give one for each index",
    [weights.shape, index.shape],
  );
}

function reduced(index: Tensor, weight: Tensor, options: EmbeddingBagOptions = {}): Tensor {
  const { mode = "mean", perSampleWeights, paddingIdx = null, maxNorm = null, normType = 2 } = options;
  if (perSampleWeights) checkWeights(index, perSampleWeights, mode);
  const bags = bagsOf(index, options);
  checkTable(op, weight);
  const padding = paddingRow(op, paddingIdx, weight.shape[0]!);
  if (maxNorm !== null) shorten(weight, index, maxNorm, normType);
  const rows = embedding(index, weight);
  const kept = (fill: number) =>
    padding === null ? rows : where(unsqueeze(eq(index, padding), -1), fill, rows);
  if (mode === "sum") {
    return bags.sum(perSampleWeights ? mul(kept(0), unsqueeze(perSampleWeights, -1)) : kept(0));
  }
  const { dtype, device } = weight;
  const counted = padding === null ? ones(index.shape, { dtype, device }) : to(ne(index, padding), dtype);
  const counts = bags.sum(unsqueeze(counted, -1));
  if (mode === "mean") return div(bags.sum(kept(0)), clamp(counts, 1));
  return where(gt(counts, 0), bags.largest(kept(Number.NEGATIVE_INFINITY)), 0);
}

interface Call {
  readonly offsets: readonly number[] | null;
  readonly options: EmbeddingBagOptions;
}

/** Draws bags of one size, or offsets, some of which may be equal. */
function drawBags(draw: Draw): { readonly index: number[]; readonly offsets: readonly number[] | null } {
  if (draw.boolean()) return { index: [draw.int(1, 3), draw.int(1, 3)], offsets: null };
  const offsets = [0];
  for (let bags = draw.int(1, 3); bags > 0; bags--) offsets.push(offsets.at(-1)! + draw.int(0, 3));
  return { index: [Math.max(1, offsets.at(-1)!)], offsets };
}

/**
 * Sums, means or largest elements of the rows of `weight` [count, features] that bags of indices select, without the single
 * rows: [bags, size] -> [bags, features], or [indices] with `offsets` [bags]. An empty bag gives zeros. In the mode `"max"`
 * the first of equal elements takes the gradient.
 *
 * @throws ShapeError when index, offsets and weights do not fit, IndexError when an index is not that of a row, or offsets
 * are not in order.
 * @example
 * const table = tensor([[1, 2], [3, 4], [5, 6]]);
 * const offsets = tensor([0, 1]);
 * embeddingBag(tensor([2, 0, 1]), table, { offsets, mode: "sum" }).toArray(); // → [[5,6],[4,6]]
 */
export const embeddingBag = /* @__PURE__ */ composite(reduced, {
  name: "embeddingBag",
  takes: {
    index: tensor,
    weight: tensor,
    options: options<EmbeddingBagOptions>({
      offsets: maybeTensor,
      mode: oneOf("sum", "mean", "max"),
      perSampleWeights: maybeTensor,
      includeLastOffset: boolean,
      paddingIdx: either(integer, oneOf(null)),
      maxNorm: either(atLeastZero, oneOf(null)),
      normType: real,
    }),
  },
  forward([index, weight, weights], { offsets, options }: Call) {
    const { device } = index as Tensor;
    return reduced(index as Tensor, weight as Tensor, {
      ...options,
      ...(offsets && { offsets: create([...offsets], { dtype: "int32", device }) }),
      ...(weights && { perSampleWeights: weights as Tensor }),
    });
  },
  sample(draw: Draw) {
    const { index, offsets } = drawBags(draw);
    const rows = draw.int(2, 3);
    const mode = draw.pick(["sum", "mean", "max"] as const);
    const inputs = [
      { shape: index, domain: { min: 0, max: rows - 1, whole: true } },
      { shape: [rows, draw.int(1, 2)], domain: { min: -2, max: 2, distinct: true } },
      { shape: index },
    ];
    const options = {
      mode,
      ...(draw.boolean() ? { paddingIdx: 1 } : {}),
      ...(offsets && draw.boolean() ? { includeLastOffset: true } : {}),
    };
    return { inputs: inputs.slice(0, mode === "sum" ? 3 : 2), attrs: { offsets, options } };
  },
  errors: [
    { shapes: [[3], [4, 2]] },
    {
      shapes: [
        [2, 2, 2],
        [4, 2],
      ],
    },
    {
      shapes: [
        [2, 2],
        [4, 2],
      ],
      args: [{ paddingIdx: 4 }],
    },
    {
      shapes: [
        [2, 2],
        [4, 2],
      ],
      args: [{ mode: "min" }],
    },
  ],
});
