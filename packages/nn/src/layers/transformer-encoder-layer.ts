import type { Tensor } from "@thalweg/tensor";
import { boolean, checkArguments, maybeTensor, options, tensorKind } from "@thalweg/tensor/internal";
import { Layer, snakeCase } from "../module";
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

/** Options of {@link TransformerEncoderLayer.forward}. */
export interface EncodeOptions {
  /** As `attnMask` of {@link MultiheadAttention.forward}; none unless given. */
  readonly srcMask?: Tensor | null;
  /** As `keyPaddingMask` there; none unless given. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Whether each position sees only itself and earlier ones; false unless given. */
  readonly isCausal?: boolean;
}

const own: Own = {
  name: "TransformerEncoderLayer",
  takes: transformerLayer,
  inputs: {
    src: tensorKind,
    options: /* @__PURE__ */ options<EncodeOptions>({
      srcMask: maybeTensor,
      srcKeyPaddingMask: maybeTensor,
      isCausal: boolean,
    }),
  },
};

/**
 * One layer of a transformer's encoder (Vaswani et al., 2017): attention of every position to all, then two linear
 * maps at each. Both parts are added to their input and normalised. The result has the input's shape:
 * [positions, batch, width], or [batch, positions, width] with `batchFirst`, or [positions, width].
 *
 * @example
 * const layer = new TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
 * layer.forward(randn([3, 5, 8]), { isCausal: true }).shape; // → [3,5,8]
 */
export class TransformerEncoderLayer extends Layer {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly normFirst: boolean;
  private readonly activation: (x: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    const part = parts(own.name, dModel, nhead, options);
    this.selfAttn = part.attention();
    this.linear1 = part.inner();
    this.dropout = part.dropout();
    this.linear2 = part.outer();
    this.norm1 = part.norm();
    this.norm2 = part.norm();
    this.dropout1 = part.dropout();
    this.dropout2 = part.dropout();
    this.normFirst = options.normFirst ?? false;
    this.activation = part.activation;
  }

  /** @throws ShapeError when the input or a mask does not fit. */
  override forward(src: Tensor, options: EncodeOptions = {}): Tensor {
    const { srcMask = null, srcKeyPaddingMask = null, isCausal = false } = options;
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal };
    const { selfAttn, dropout1, norm1, norm2, normFirst } = this;
    const x = residual(src, norm1, normFirst, (y) => attended(selfAttn, dropout1, [y, y], masks));
    return residual(x, norm2, normFirst, (y) => fed(y, this, this.activation, this.dropout2));
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
