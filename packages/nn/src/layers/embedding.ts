import { noGrad } from "@thalweg/autograd";
import { embedding, IndexError, ones, type Tensor, where, zeros } from "@thalweg/tensor";
import { atLeastZero, checkArguments, count, integer, options, real, replay } from "@thalweg/tensor/internal";
import { constant_, normal_ } from "../init";
import { Layer } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";

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
    if (paddingIdx !== undefined && !(paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
      throw new IndexError(
        "Embedding",
        `there is no row ${paddingIdx}, the table has ${numEmbeddings}`,
        `paddingIdx must be a whole number from ${-numEmbeddings} to ${numEmbeddings - 1}`,
      );
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx === undefined ? null : (paddingIdx + numEmbeddings) % numEmbeddings;
    this.maxNorm = maxNorm ?? null;
    this.normType = normType;
    this.registerParameter("weight", fresh(own.name, [numEmbeddings, embeddingDim]));
    this.resetParameters();
  }

  /** Draws a new table. */
  resetParameters(): void {
    normal_(this.weight);
    if (this.paddingIdx !== null) constant_(this.weight.detach().select(0, this.paddingIdx), 0);
  }

  /** @throws IndexError when an index is not that of a row. */
  override forward(index: Tensor): Tensor {
    const { weight, maxNorm, paddingIdx } = this;
    if (maxNorm !== null && !replay.running) this.shorten(index, maxNorm);
    const rows = embedding(index, weight);
    if (paddingIdx === null) return rows;
    return where(index.eq(paddingIdx).unsqueeze(-1), rows.detach(), rows);
  }

  /** Limits the norm of the rows that are looked up. */
  private shorten(index: Tensor, maxNorm: number): void {
    const { weight, normType, numEmbeddings } = this;
    noGrad(() => {
      const options = { dtype: weight.dtype, device: weight.device };
      const flat = index.flatten();
      const uses = zeros([numEmbeddings], options).scatterAdd(0, flat, ones(flat.shape, options));
      const norms = weight.norm(1, { p: normType, keepDim: true });
      const isLong = norms.gt(maxNorm).mul(uses.gt(0).unsqueeze(1));
      // PyTorch's small number.
      weight.mul_(where(isLong, norms.add(1e-7).reciprocal().mul(maxNorm), 1));
    });
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
