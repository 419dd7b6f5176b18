import { type EmbeddingBagOptions, embeddingBag, type Tensor } from "@thalweg/tensor";
import {
  atLeastZero,
  boolean,
  checkArguments,
  count,
  integer,
  maybeTensor,
  oneOf,
  options,
  paddingRow,
  real,
  tensorKind,
} from "@thalweg/tensor/internal";
import { Module } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";
import { drawTable } from "./embedding-table";

/** Options of {@link EmbeddingBag}. */
export interface EmbeddingBagLayerOptions {
  /** What becomes of the rows of a bag; `"mean"` unless given. */
  readonly mode?: "sum" | "mean" | "max";
  /** Whether the last offset is the end of the last bag, not the beginning of another; false unless given. */
  readonly includeLastOffset?: boolean;
  /** A row that starts as zeros, counts for nothing, and gets no gradient; from the end if negative. None unless given. */
  readonly paddingIdx?: number;
  /** Largest norm of a row: longer rows are shortened in place when they are looked up. No limit unless given. */
  readonly maxNorm?: number;
  /** Order of that norm; 2 unless given. */
  readonly normType?: number;
}

/** Options of {@link EmbeddingBag.forward}. */
export type BagOptions = Pick<EmbeddingBagOptions, "offsets" | "perSampleWeights">;

const own: Own = {
  name: "EmbeddingBag",
  takes: {
    numEmbeddings: count,
    embeddingDim: count,
    options: /* @__PURE__ */ options<EmbeddingBagLayerOptions>({
      mode: /* @__PURE__ */ oneOf("sum", "mean", "max"),
      includeLastOffset: boolean,
      paddingIdx: integer,
      maxNorm: atLeastZero,
      normType: real,
    }),
  },
  inputs: {
    index: tensorKind,
    options: /* @__PURE__ */ options<BagOptions>({ offsets: maybeTensor, perSampleWeights: maybeTensor }),
  },
};

/**
 * Sums, means or largest elements of rows of a table, as `embeddingBag`: [bags, size], or [indices] with the offsets of the
 * bags -> [bags, dim]. `weight` is [count, dim] and starts normal with mean 0 and deviation 1.
 *
 * @example
 * const bag = new EmbeddingBag(10, 3, { mode: "sum" });
 * bag.forward(tensor([1, 2, 4, 0]), { offsets: tensor([0, 3]) }).shape; // → [2,3]
 */
export class EmbeddingBag extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly mode: "sum" | "mean" | "max";
  readonly includeLastOffset: boolean;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  declare weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    const { mode = "mean", includeLastOffset = false, paddingIdx, maxNorm, normType = 2 } = options;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.mode = mode;
    this.includeLastOffset = includeLastOffset;
    this.paddingIdx = paddingRow(own.name, paddingIdx ?? null, numEmbeddings);
    this.maxNorm = maxNorm ?? null;
    this.normType = normType;
    this.registerParameter("weight", fresh(own.name, [numEmbeddings, embeddingDim]));
    this.resetParameters();
  }

  /** Draws a new table. */
  resetParameters(): void {
    drawTable(this.weight, this.paddingIdx);
  }

  /** @throws ShapeError when index, offsets and weights do not fit, IndexError when an index is not that of a row. */
  override forward(index: Tensor, options: BagOptions = {}): Tensor {
    const { weight, maxNorm, normType, mode, paddingIdx, includeLastOffset } = this;
    return embeddingBag(index, weight, {
      mode,
      paddingIdx,
      maxNorm,
      normType,
      includeLastOffset,
      ...options,
    });
  }

  protected override extraRepr(): string {
    const { numEmbeddings, embeddingDim, mode, paddingIdx, maxNorm } = this;
    const texts = [`${numEmbeddings}`, `${embeddingDim}`, `mode=${mode}`];
    if (paddingIdx !== null) texts.push(`paddingIdx=${paddingIdx}`);
    if (maxNorm !== null) texts.push(`maxNorm=${maxNorm}`);
    return texts.join(", ");
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
