import type { Tensor } from "@thalweg/tensor";
import { boolean, checkArguments, maybeTensor, options, tensorKind } from "@thalweg/tensor/internal";
import { Module, snakeCase } from "../module";
import type { Own } from "../own";
import type { Dropout } from "./dropout";
import type { Linear } from "./linear";
import type { MultiheadAttention } from "./multihead-attention";
import type { LayerNorm } from "./norm";
import {
  attended,
  fed,
  parts,
  residual,
  type TransformerLayerOptions,
  transformerLayer,
} from "./transformer-layer";

/** Options of {@link TransformerDecoderLayer.forward}. */
export interface DecodeOptions {
  /** As `attnMask` of {@link MultiheadAttention.forward}, between positions of the target; none unless given. */
  readonly tgtMask?: Tensor | null;
  /** The same between the target's positions and those of the memory; none unless given. */
  readonly memoryMask?: Tensor | null;
  /** As `keyPaddingMask` there, of the target; none unless given. */
  readonly tgtKeyPaddingMask?: Tensor | null;
  /** The same of the memory; none unless given. */
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** Whether each position of the target sees only itself and earlier ones of it; false unless given. */
  readonly tgtIsCausal?: boolean;
  /** Whether position i of the target sees only positions 0 to i of the memory; false unless given. */
  readonly memoryIsCausal?: boolean;
}

/** The arguments of a decoder's `forward`. */
export const decodes = {
  tgt: tensorKind,
  memory: tensorKind,
  options: /* @__PURE__ */ options<DecodeOptions>({
    tgtMask: maybeTensor,
    memoryMask: maybeTensor,
    tgtKeyPaddingMask: maybeTensor,
    memoryKeyPaddingMask: maybeTensor,
    tgtIsCausal: boolean,
    memoryIsCausal: boolean,
  }),
};

const own: Own = { name: "TransformerDecoderLayer", takes: transformerLayer, inputs: decodes };

/**
 * One layer of a transformer's decoder (Vaswani et al., 2017): attention of the target's positions to each other, then to the
 * memory, which is what an encoder made of the source, then two linear maps at each. All parts are added to their input and
 * normalised. The result has the target's shape: [positions, batch, width], or [batch, positions, width] with `batchFirst`, or
 * [positions, width]; the memory likewise, with a number of positions of its own.
 *
 * @example
 * const layer = new TransformerDecoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
 * layer.forward(randn([3, 5, 8]), randn([3, 7, 8]), { tgtIsCausal: true }).shape; // → [3,5,8]
 */
export class TransformerDecoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  /** Attention to the memory. */
  readonly multiheadAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  readonly normFirst: boolean;
  private readonly activation: (x: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    const part = parts(own.name, dModel, nhead, options);
    this.selfAttn = part.attention();
    this.multiheadAttn = part.attention();
    this.linear1 = part.inner();
    this.dropout = part.dropout();
    this.linear2 = part.outer();
    this.norm1 = part.norm();
    this.norm2 = part.norm();
    this.norm3 = part.norm();
    this.dropout1 = part.dropout();
    this.dropout2 = part.dropout();
    this.dropout3 = part.dropout();
    this.normFirst = options.normFirst ?? false;
    this.activation = part.activation;
  }

  /** @throws ShapeError when an input or a mask does not fit. */
  override forward(tgt: Tensor, memory: Tensor, options: DecodeOptions = {}): Tensor {
    const { tgtMask = null, tgtKeyPaddingMask = null, tgtIsCausal = false } = options;
    const { memoryMask = null, memoryKeyPaddingMask = null, memoryIsCausal = false } = options;
    const { selfAttn, multiheadAttn, dropout1, dropout2, norm1, norm2, norm3, normFirst } = this;
    const self = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, isCausal: tgtIsCausal };
    const cross = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, isCausal: memoryIsCausal };
    let x = residual(tgt, norm1, normFirst, (y) => attended(selfAttn, dropout1, [y, y], self));
    x = residual(x, norm2, normFirst, (y) => attended(multiheadAttn, dropout2, [y, memory], cross));
    return residual(x, norm3, normFirst, (y) => fed(y, this, this.activation, this.dropout3));
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
