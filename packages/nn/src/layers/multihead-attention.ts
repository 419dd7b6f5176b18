import {
  cat,
  linear,
  logicalOr,
  ShapeError,
  scaledDotProductAttention,
  type Tensor,
  ThalwegError,
  zeros,
} from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  formatShape,
  future,
  isFloating,
  maybeTensor,
  named,
  options,
  positive,
  probability,
  tensorKind,
} from "@thalweg/tensor/internal";
import { xavierNormal_, xavierUniform_, zeros_ } from "../init";
import { Module, snakeCase } from "../module";
import { fresh, type Own } from "../own";
import type { Parameter } from "../parameter";
import { dropped } from "./dropout";
import { Linear } from "./linear";

/** Options of {@link MultiheadAttention}. */
export interface MultiheadAttentionOptions {
  /** Probability with which weights are dropped while training; 0 unless given. */
  readonly dropout?: number;
  /** Whether projections have biases; true unless given. */
  readonly bias?: boolean;
  /** Whether to add a learned key and value; false unless given. */
  readonly addBiasKv?: boolean;
  /** Whether to add a key and value of zeros; false unless given. */
  readonly addZeroAttn?: boolean;
  /** Width of the keys; `embedDim` unless given. */
  readonly kdim?: number;
  /** Width of the values; `embedDim` unless given. */
  readonly vdim?: number;
  /** Whether tensors are [batch, positions, width] rather than [positions, batch, width]; false unless given. */
  readonly batchFirst?: boolean;
}

/** Options of {@link MultiheadAttention.forward}. */
export interface AttendOptions {
  /**
   * [batch, keys]. Of type bool, or int32, it is true for keys that no query sees, such as padding; a floating one is
   * added to the scores. None unless given.
   */
  readonly keyPaddingMask?: Tensor | null;
  /**
   * [queries, keys] or [batch * heads, queries, keys]. Of type bool, or int32, it is true where a query does not see a
   * key; a floating one is added to the scores. None unless given.
   */
  readonly attnMask?: Tensor | null;
  /** Added to the scores: another name for a floating `attnMask`, and added to that. None unless given. */
  readonly attnBias?: Tensor | null;
  /** Whether query i sees only keys 0 to i; false unless given. */
  readonly isCausal?: boolean;
  /** Whether to return the weights; true unless given. It is faster without. */
  readonly needWeights?: boolean;
  /** Whether to return their mean over the heads; true unless given. */
  readonly averageAttnWeights?: boolean;
}

const own: Own = {
  name: "MultiheadAttention",
  takes: {
    embedDim: positive,
    numHeads: positive,
    options: /* @__PURE__ */ options<MultiheadAttentionOptions>({
      dropout: probability,
      bias: boolean,
      addBiasKv: boolean,
      addZeroAttn: boolean,
      kdim: positive,
      vdim: positive,
      batchFirst: boolean,
    }),
  },
  inputs: {
    query: tensorKind,
    key: tensorKind,
    value: tensorKind,
    options: /* @__PURE__ */ options<AttendOptions>({
      keyPaddingMask: maybeTensor,
      attnMask: maybeTensor,
      attnBias: maybeTensor,
      isCausal: boolean,
      needWeights: boolean,
      averageAttnWeights: boolean,
    }),
  },
};

/**
 * Attention of several heads (Vaswani et al., 2017): queries, keys and values are projected, each head attends
 * with its share of the width, and the heads' results are projected again.
 *
 * Queries [queries, batch, width], keys [keys, batch, kdim], values [keys, batch, vdim] (with `batchFirst`, the
 * batch comes first; or all of them without a batch) -> output [queries, batch, width] and weights [batch, queries,
 * keys], or [batch, heads, queries, keys] when not averaged. A query that sees no key gets zeros.
 *
 * @example
 * const attention = new MultiheadAttention(8, 2, { batchFirst: true });
 * const x = randn([3, 5, 8]);
 * const [output, weights] = attention.forward(x, x, x);
 * output.shape; // → [3,5,8]
 * weights!.shape; // → [3,5,5]
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  /** [3 * width, width], for queries, keys and values; null when their widths differ. */
  declare inProjWeight: Parameter | null;
  /** [width, width]; these three are null when the widths are the same. */
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  /** [3 * width] */
  declare inProjBias: Parameter | null;
  /** [1, 1, width] */
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;
  readonly outProj: Linear;

  /** @throws ThalwegError when the heads cannot share the width. */
  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false, batchFirst = false } = options;
    const { kdim = embedDim, vdim = embedDim } = options;
    if (embedDim % numHeads !== 0) {
      throw new ThalwegError(
        "MultiheadAttention",
        `${numHeads} heads cannot share a width of ${embedDim}`,
        "embedDim must be a multiple of numHeads",
      );
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.kdim = kdim;
    this.vdim = vdim;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    const make = (name: string, isThere: boolean, ...shape: number[]) =>
      this.registerParameter(name, isThere ? fresh(own.name, shape) : null);
    const isOne = kdim === embedDim && vdim === embedDim;
    make("inProjWeight", isOne, 3 * embedDim, embedDim);
    make("qProjWeight", !isOne, embedDim, embedDim);
    make("kProjWeight", !isOne, embedDim, kdim);
    make("vProjWeight", !isOne, embedDim, vdim);
    make("inProjBias", bias, 3 * embedDim);
    make("biasK", addBiasKv, 1, 1, embedDim);
    make("biasV", addBiasKv, 1, 1, embedDim);
    this.outProj = named(own.name, () => new Linear(embedDim, embedDim, { bias }));
    this.resetParameters();
  }

  /** Draws new parameters: projections as {@link xavierUniform_} does, biases 0. */
  resetParameters(): void {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, inProjBias, biasK, biasV, outProj } = this;
    for (const weight of [inProjWeight, qProjWeight, kProjWeight, vProjWeight]) {
      if (weight !== null) xavierUniform_(weight);
    }
    outProj.resetParameters();
    for (const bias of [inProjBias, outProj.bias]) if (bias !== null) zeros_(bias);
    for (const bias of [biasK, biasV]) if (bias !== null) xavierNormal_(bias);
  }

  /** @throws ShapeError when tensors or masks do not fit. */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttendOptions = {},
  ): [output: Tensor, weights: Tensor | null] {
    this.check(query, key, value);
    const { needWeights = true, averageAttnWeights = true } = options;
    const isBatched = query.ndim === 3;
    const inside = (x: Tensor) => {
      if (!isBatched) return x.unsqueeze(0);
      return this.batchFirst ? x : x.transpose(0, 1);
    };
    const [q, k, v] = this.project(query, key, value).map(inside) as [Tensor, Tensor, Tensor];
    const [keys, values] = [this.extended(k, this.biasK), this.extended(v, this.biasV)];
    const masks = this.masks([q.shape[0]!, q.shape[1]!, k.shape[1]!], keys, options, isBatched);
    const [heads, weights] = this.attend(
      this.split(q),
      this.split(keys),
      this.split(values),
      masks,
      needWeights,
    );

    const joined = this.outProj.forward(heads.transpose(1, 2).flatten(2));
    const outside = this.batchFirst ? joined : joined.transpose(0, 1);
    const shown = weights && (averageAttnWeights ? weights.mean(1) : weights);
    return isBatched ? [outside, shown] : [joined.squeeze(0), shown?.squeeze(0) ?? null];
  }

  /** Queries, keys and values in the width of the model; in one product where they are the same tensor. */
  private project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const { embedDim, inProjWeight, inProjBias } = this;
    if (inProjWeight !== null && query === key && key === value) {
      return linear(query, inProjWeight, inProjBias).chunk(3, -1);
    }
    const own = [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    return [query, key, value].map((x, i) => {
      const weight = inProjWeight?.narrow(0, i * embedDim, embedDim) ?? own[i]!;
      return linear(x, weight, inProjBias?.narrow(0, i * embedDim, embedDim));
    });
  }

  /** [batch, keys, width] with the added keys or values. */
  private extended(x: Tensor, learned: Parameter | null): Tensor {
    const shape = [x.shape[0]!, 1, this.embedDim];
    const parts = [x];
    if (learned !== null) parts.push(learned.expand(shape));
    if (this.addZeroAttn) parts.push(zeros(shape, { dtype: x.dtype, device: x.device }));
    return parts.length === 1 ? x : cat(parts, 1);
  }

  /** [batch, positions, width] -> [batch, heads, positions, width / heads] */
  private split(x: Tensor): Tensor {
    const [batch, positions] = x.shape as [number, number];
    return x.reshape([batch, positions, this.numHeads, this.embedDim / this.numHeads]).transpose(1, 2);
  }

  /** The mask that hides keys from queries, and the terms added to the scores, broadcastable to [batch, heads, queries, keys]. */
  private masks(
    [batch, queries, count]: readonly [number, number, number],
    keys: Tensor,
    { keyPaddingMask = null, attnMask = null, attnBias = null, isCausal = false }: AttendOptions,
    isBatched: boolean,
  ): Masks {
    const heads = this.numHeads;
    const more = keys.shape[1]! - count;
    // Every query sees the added keys.
    const fit = (
      what: string,
      mask: Tensor,
      shapes: readonly (readonly number[])[],
      to: readonly number[],
    ) => {
      if (!shapes.some((shape) => String(shape) === String(mask.shape))) {
        throw new ShapeError(
          "MultiheadAttention",
          `${what} does not fit, shape ${formatShape(mask.shape)}`,
          `it must be ${shapes.map(formatShape).join(" or ")}`,
          [mask.shape],
        );
      }
      const inPlace = mask.reshape(to);
      return more === 0 ? inPlace : inPlace.pad([0, more]);
    };
    const square = (what: string, mask: Tensor) => {
      const each = mask.ndim === 3 ? [batch, heads, queries, count] : [1, 1, queries, count];
      return fit(
        what,
        mask,
        [
          [queries, count],
          [batch * heads, queries, count],
        ],
        each,
      );
    };
    const hidden: Tensor[] = [];
    const added: Tensor[] = [];
    const take = (mask: Tensor) => (isFloating(mask.dtype) ? added : hidden).push(mask);
    if (attnMask !== null) take(square("attnMask", attnMask));
    if (attnBias !== null) added.push(square("attnBias", attnBias));
    if (keyPaddingMask !== null) {
      const shape = isBatched ? [batch, count] : [count];
      take(fit("keyPaddingMask", keyPaddingMask, [shape], [batch, 1, 1, count]));
    }
    if (isCausal) hidden.push(square("isCausal", future(keys, [queries, count])));
    const bias = added.length === 0 ? null : added.reduce((a, b) => a.add(b));
    if (bias !== null) hidden.push(bias.detach().eq(Number.NEGATIVE_INFINITY));
    return { hidden: hidden.length === 0 ? null : hidden.reduce((a, b) => logicalOr(a, b)), bias };
  }

  /** [batch, heads, queries, width / heads], and the weights when they are needed. */
  private attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    { hidden, bias }: Masks,
    needWeights: boolean,
  ): [output: Tensor, weights: Tensor | null] {
    const dropout = this.training ? this.dropout : 0;
    if (!needWeights && dropout === 0) {
      return [scaledDotProductAttention(q, k, v, { mask: hidden?.eq(0) ?? null, bias }), null];
    }
    let scores = q.mul(1 / Math.sqrt(q.shape.at(-1)!)).matmul(k.transpose(-2, -1));
    if (bias !== null) scores = scores.add(bias);
    let weights = (hidden ? scores.maskedFill(hidden, Number.NEGATIVE_INFINITY) : scores).softmax(-1);
    // Softmax is NaN where every key is hidden.
    if (hidden !== null) weights = weights.maskedFill(hidden, 0);
    weights = dropped(weights, dropout);
    return [weights.matmul(v), needWeights ? weights : null];
  }

  private check(query: Tensor, key: Tensor, value: Tensor): void {
    const { embedDim, kdim, vdim, batchFirst } = this;
    const [dim, batch] = batchFirst ? [1, 0] : [0, 1];
    const shapes = [query, key, value].map((x) => x.shape);
    const isBatched = query.ndim === 3;
    const fits =
      (isBatched || query.ndim === 2) &&
      shapes.every((shape, i) => shape.length === query.ndim && shape.at(-1) === [embedDim, kdim, vdim][i]) &&
      key.shape[isBatched ? dim : 0] === value.shape[isBatched ? dim : 0] &&
      (!isBatched || shapes.every((shape) => shape[batch] === query.shape[batch]));
    if (fits) return;
    const lead = (positions: string) => (batchFirst ? `batch, ${positions}` : `${positions}, batch`);
    throw new ShapeError(
      "MultiheadAttention",
      `the inputs do not fit, shapes ${shapes.map(formatShape).join(", ")}`,
      `they must be [${lead("queries")}, ${embedDim}], [${lead("keys")}, ${kdim}] and [${lead("keys")}, ${vdim}], or without the batch`,
      shapes,
    );
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}

/** Null where nothing is hidden or added. */
interface Masks {
  /** Nonzero where a query does not see a key. */
  readonly hidden: Tensor | null;
  readonly bias: Tensor | null;
}
