import { embedding, type Tensor } from "@thalweg/tensor";
import {
  atLeastZero,
  checkArguments,
  count,
  integer,
  options,
  paddingRow,
  real,
} from "@thalweg/tensor/internal";
import { Layer } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";
import { drawTable } from "./embedding-table";

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** A row for padding, which starts as zeros and gets no gradient; counted from the end if negative. None unless given. */
  readonly paddingIdx?: number;
  /** Largest norm of a row: longer rows are shortened in place when they are looked up. No limit unless given. */
  readonly maxNorm?: number;
  /** Order of that norm; 2 unless given. */
  readonly normType?: number;
}

const own: Own = {
  name: "Embedding",
  takes: {
    numEmbeddings: count,
    embeddingDim: count,
    options: /* @__PURE__ */ options<EmbeddingOptions>({
      paddingIdx: integer,
      maxNorm: atLeastZero,
      normType: real,
    }),
  },
};

/**
 * A table of vectors, looked up by their index: [...] -> [..., dim]. `weight` is [count, dim] and starts normal with
 * mean 0 and deviation 1. Indices are whole numbers, 0 to count - 1.
 *
 * @example
 * const embedding = new Embedding(10, 3, { paddingIdx: 0 });
 * embedding.forward(tensor([[1, 2], [4, 0]])).shape; // → [2,2,3]
 * embedding.forward(tensor([0])).toArray(); // → [[0,0,0]]
 */
export class Embedding extends Layer {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  declare weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    const { paddingIdx, maxNorm, normType = 2 } = options;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
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

  /** @throws IndexError when an index is not that of a row. */
  override forward(index: Tensor): Tensor {
    const { weight, maxNorm, normType, paddingIdx } = this;
    return embedding(index, weight, { paddingIdx, maxNorm, normType });
  }

  protected override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx, maxNorm } = this;
    const texts = [`${numEmbeddings}`, `${embeddingDim}`];
    if (paddingIdx !== null) texts.push(`paddingIdx=${paddingIdx}`);
    if (maxNorm !== null) texts.push(`maxNorm=${maxNorm}`);
    return texts.join(", ");
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
