import { ArgumentError, type Tensor } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  checkCopy,
  type Kind,
  kind,
  maybeTensor,
  options,
  positive,
  tensorKind,
  worded,
} from "@thalweg/tensor/internal";
import { ModuleList } from "../containers";
import { Layer, Module } from "../module";
import type { Own } from "../own";
import { type DecodeOptions, decodes, type TransformerDecoderLayer } from "./transformer-decoder-layer";
import type { TransformerEncoderLayer } from "./transformer-encoder-layer";

/** Options of {@link TransformerEncoder} and {@link TransformerDecoder}. */
export interface TransformerOptions {
  /** Normalises the result of the last layer; none unless given. */
  readonly norm?: Layer | null;
}

/** Options of {@link TransformerEncoder.forward}. */
export interface EncoderOptions {
  /** As `attnMask` of {@link MultiheadAttention.forward}; none unless given. */
  readonly mask?: Tensor | null;
  /** As `keyPaddingMask` there; none unless given. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Whether each position sees only itself and earlier ones; false unless given. */
  readonly isCausal?: boolean;
}

/** What to write in place of a layer. */
const maker = (op: string) => `() => new ${op}Layer(...)`;

const makerKind: Kind = {
  ...worded("a function that makes a layer", callback),
  explain: (op, value) =>
    value instanceof Module
      ? new ArgumentError(
          op,
          "the layers come from one layer, which cannot be copied",
          `pass a function that makes one: ${maker(op)}`,
        )
      : undefined,
};

const stack = {
  makeLayer: makerKind,
  numLayers: positive,
  options: /* @__PURE__ */ options<TransformerOptions>({
    norm: /* @__PURE__ */ kind("a layer or null", (value) => value === null || value instanceof Layer),
  }),
};

/** The layers of a stack. */
function made<M extends Module>(op: string, makeLayer: () => M, count: number): ModuleList<M> {
  const layers = Array.from({ length: count }, () => {
    const layer: unknown = makeLayer();
    if (layer instanceof Module) return layer as M;
    checkCopy(op, "the layer", layer);
    throw new ArgumentError(op, "makeLayer returned no module", `pass ${maker(op)}`);
  });
  if (new Set(layers).size < count) {
    throw new ArgumentError(
      op,
      "makeLayer returned the same layer again",
      "make a new one in each call, or the layers would share their parameters",
    );
  }
  return new ModuleList(layers);
}

const encoder: Own = {
  name: "TransformerEncoder",
  takes: stack,
  inputs: {
    src: tensorKind,
    options: /* @__PURE__ */ options<EncoderOptions>({
      mask: maybeTensor,
      srcKeyPaddingMask: maybeTensor,
      isCausal: boolean,
    }),
  },
};

/**
 * Layers of a transformer's encoder, one after the other. The result has the input's shape. PyTorch copies one layer, so that
 * all start alike; here a function makes them, and each draws parameters of its own.
 *
 * @example
 * const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(8, 2, { batchFirst: true }), 3);
 * encoder.forward(randn([4, 5, 8])).shape; // → [4,5,8]
 * Object.keys(encoder.stateDict())[0]; // → "layers.0.self_attn.in_proj_weight"
 */
export class TransformerEncoder extends Layer {
  readonly layers: ModuleList<TransformerEncoderLayer>;
  readonly numLayers: number;
  readonly norm: Layer | null;

  /** @param makeLayer makes a new layer in each call */
  constructor(makeLayer: () => TransformerEncoderLayer, numLayers: number, options: TransformerOptions = {}) {
    super();
    checkArguments(encoder.name, encoder.takes, arguments);
    this.layers = made(encoder.name, makeLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = options.norm ?? null;
  }

  /** @throws ShapeError when the input or a mask does not fit. */
  override forward(src: Tensor, options: EncoderOptions = {}): Tensor {
    const { mask: srcMask = null, ...others } = options;
    let x = src;
    for (const layer of this.layers) x = layer.forward(x, { srcMask, ...others });
    return this.norm?.forward(x) ?? x;
  }

  /** @internal */
  override get $own(): Own {
    return encoder;
  }
}

const decoder: Own = { name: "TransformerDecoder", takes: stack, inputs: decodes };

/**
 * Layers of a transformer's decoder, one after the other; all attend to the same memory. The result has the target's shape. The
 * layers are made as in {@link TransformerEncoder}.
 *
 * @example
 * const decoder = new TransformerDecoder(() => new TransformerDecoderLayer(8, 2), 2, { norm: new LayerNorm(8) });
 * decoder.forward(randn([5, 3, 8]), randn([7, 3, 8]), { tgtIsCausal: true }).shape; // → [5,3,8]
 */
export class TransformerDecoder extends Module {
  readonly layers: ModuleList<TransformerDecoderLayer>;
  readonly numLayers: number;
  readonly norm: Layer | null;

  /** @param makeLayer makes a new layer in each call */
  constructor(makeLayer: () => TransformerDecoderLayer, numLayers: number, options: TransformerOptions = {}) {
    super();
    checkArguments(decoder.name, decoder.takes, arguments);
    this.layers = made(decoder.name, makeLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = options.norm ?? null;
  }

  /** @throws ShapeError when an input or a mask does not fit. */
  override forward(tgt: Tensor, memory: Tensor, options: DecodeOptions = {}): Tensor {
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, options);
    return this.norm?.forward(x) ?? x;
  }

  /** @internal */
  override get $own(): Own {
    return decoder;
  }
}
