import { gelu, relu, type Tensor } from "@thalweg/tensor";
import {
  atLeastZero,
  boolean,
  callback,
  either,
  type Kind,
  named,
  oneOf,
  options,
  positive,
  probability,
  type Signature,
} from "@thalweg/tensor/internal";
import { Dropout } from "./dropout";
import { Linear } from "./linear";
import { type AttendOptions, MultiheadAttention } from "./multihead-attention";
import { LayerNorm } from "./norm";

const activations = { relu, gelu: (x: Tensor): Tensor => gelu(x) };

/** Options of {@link TransformerEncoderLayer} and {@link TransformerDecoderLayer}. */
export interface TransformerLayerOptions {
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
  /** Whether to normalise the inputs of the parts rather than their results; false unless given. */
  readonly normFirst?: boolean;
  /** Whether linear maps and attention have biases; true unless given. */
  readonly bias?: boolean;
}

/** The arguments of the constructors. */
export const transformerLayer: Signature = {
  dModel: positive,
  nhead: positive,
  options: /* @__PURE__ */ options<TransformerLayerOptions>({
    dimFeedforward: positive,
    dropout: probability,
    activation: /* @__PURE__ */ either(/* @__PURE__ */ oneOf("relu", "gelu"), callback) as Kind,
    layerNormEps: atLeastZero,
    batchFirst: boolean,
    normFirst: boolean,
    bias: boolean,
  }),
};

/** What the parts of a layer are made with, in the order in which the layer has them. */
export function parts(name: string, dModel: number, nhead: number, given: TransformerLayerOptions) {
  const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", layerNormEps: eps = 1e-5 } = given;
  const { batchFirst = false, bias = true } = given;
  const part = <T>(make: () => T): T => named(name, make);
  return {
    attention: () => part(() => new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst })),
    inner: () => part(() => new Linear(dModel, dimFeedforward, { bias })),
    outer: () => part(() => new Linear(dimFeedforward, dModel, { bias })),
    norm: () => part(() => new LayerNorm(dModel, { eps, bias })),
    dropout: () => part(() => new Dropout(dropout)),
    activation: typeof activation === "function" ? activation : activations[activation],
  };
}

/** Attention of `x` to `memory`, without weights, and dropout after it. */
export function attended(
  attention: MultiheadAttention,
  dropout: Dropout,
  [x, memory]: readonly [Tensor, Tensor],
  options: AttendOptions,
): Tensor {
  const [output] = attention.forward(x, memory, memory, { ...options, needWeights: false });
  return dropout.forward(output);
}

/** Adds the result of a part to its input, one of which is normalised. */
export function residual(x: Tensor, norm: LayerNorm, isFirst: boolean, part: (x: Tensor) => Tensor): Tensor {
  return isFirst ? x.add(part(norm.forward(x))) : norm.forward(x.add(part(x)));
}

/** The parts of a layer that are the same in an encoder and a decoder. */
interface FeedForward {
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
}

/** Two linear maps at each position, and dropout after them. */
export function fed(
  x: Tensor,
  { linear1, dropout, linear2 }: FeedForward,
  activation: (x: Tensor) => Tensor,
  last: Dropout,
): Tensor {
  return last.forward(linear2.forward(dropout.forward(activation(linear1.forward(x)))));
}
