import { gelu, relu, type Tensor } from "@thalweg/tensor";
import {
  atLeastZero,
  boolean,
  callback,
  checkArguments,
  either,
  maybeTensor,
  oneOf,
  options,
  positive,
  probability,
  tensorKind,
} from "@thalweg/tensor/internal";
import { Layer, snakeCase } from "../module";
import { type Own, partOf } from "../own";
import { Dropout } from "./dropout";
import { Linear } from "./linear";
import { MultiheadAttention } from "./multihead-attention";
import { LayerNorm } from "./norm";

const activations = { relu, gelu: (x: Tensor): Tensor => gelu(x) };

/** Options of {@link TransformerEncoderLayer}. */
export interface TransformerEncoderLayerOptions {
  /** Width between the two linear maps; 2048 unless given. */
  readonly dimFeedforward?: number;
  /** Probability with which elements, and weights of the attention, are dropped while training; 0.1 unless given. */
  readonly dropout?: number;
  /** The activation between the two linear maps; `"relu"` unless given. */
  readonly activation?: "relu" | "gelu" | ((x: Tensor) => Tensor);
  /** Added to variances; 1e-5 unless given. */
  readonly layerNormEps?: number;
  /** Whether tensors are [batch, positions, width] rather than [positions, batch, width]; false unless given. */
  readonly batchFirst?: boolean;
  /** Whether to normalise the inputs of the two parts rather than their results; false unless given. */
  readonly normFirst?: boolean;
  /** Whether linear maps and attention have biases; true unless given. */
  readonly bias?: boolean;
}

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
  takes: {
    dModel: positive,
    nhead: positive,
    options: /* @__PURE__ */ options<TransformerEncoderLayerOptions>({
      dimFeedforward: positive,
      dropout: probability,
      activation: /* @__PURE__ */ either(/* @__PURE__ */ oneOf("relu", "gelu"), callback),
      layerNormEps: atLeastZero,
      batchFirst: boolean,
      normFirst: boolean,
      bias: boolean,
    }),
  },
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

  constructor(dModel: number, nhead: number, options: TransformerEncoderLayerOptions = {}) {
    super();
    checkArguments(own.name, own.takes, arguments);
    const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", layerNormEps: eps = 1e-5 } = options;
    const { batchFirst = false, normFirst = false, bias = true } = options;
    const part = <T>(make: () => T): T => partOf(own.name, make);
    this.selfAttn = part(() => new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst }));
    this.linear1 = part(() => new Linear(dModel, dimFeedforward, { bias }));
    this.dropout = part(() => new Dropout(dropout));
    this.linear2 = part(() => new Linear(dimFeedforward, dModel, { bias }));
    this.norm1 = part(() => new LayerNorm(dModel, { eps, bias }));
    this.norm2 = part(() => new LayerNorm(dModel, { eps, bias }));
    this.dropout1 = part(() => new Dropout(dropout));
    this.dropout2 = part(() => new Dropout(dropout));
    this.normFirst = normFirst;
    this.activation = typeof activation === "function" ? activation : activations[activation];
  }

  /** @throws ShapeError when the input or a mask does not fit. */
  override forward(src: Tensor, options: EncodeOptions = {}): Tensor {
    const { norm1, norm2 } = this;
    if (this.normFirst) {
      const x = src.add(this.attend(norm1.forward(src), options));
      return x.add(this.feed(norm2.forward(x)));
    }
    const x = norm1.forward(src.add(this.attend(src, options)));
    return norm2.forward(x.add(this.feed(x)));
  }

  private attend(
    x: Tensor,
    { srcMask = null, srcKeyPaddingMask = null, isCausal = false }: EncodeOptions,
  ): Tensor {
    const [output] = this.selfAttn.forward(x, x, x, {
      attnMask: srcMask,
      keyPaddingMask: srcKeyPaddingMask,
      isCausal,
      needWeights: false,
    });
    return this.dropout1.forward(output);
  }

  private feed(x: Tensor): Tensor {
    const inner = this.activation(this.linear1.forward(x));
    return this.dropout2.forward(this.linear2.forward(this.dropout.forward(inner)));
  }

  protected override stateKey(property: string): string {
    return snakeCase(property);
  }

  /** @internal */
  override get $own(): Own {
    return own;
  }
}
