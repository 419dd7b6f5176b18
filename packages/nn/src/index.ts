export {
  Identity,
  type LayerAt,
  type LayersByPosition,
  ModuleList,
  Sequential,
  type SequentialLayers,
} from "./containers";
/** Initial values of parameters: functions that fill a tensor in place. */
export * as init from "./init";
export * from "./layers/activation";
export { type BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "./layers/batch-norm";
export { Bilinear } from "./layers/bilinear";
export {
  Conv1d,
  Conv2d,
  type ConvLayerOptions,
  type Convolution,
  ConvTranspose2d,
  type ConvTransposeLayerOptions,
} from "./layers/conv";
export { Dropout, type DropoutOptions } from "./layers/dropout";
export { Embedding, type EmbeddingOptions } from "./layers/embedding";
export { Flatten } from "./layers/flatten";
export { GRU } from "./layers/gru";
export { Linear } from "./layers/linear";
export { LSTM, type LSTMOptions } from "./layers/lstm";
export {
  type AttendOptions,
  MultiheadAttention,
  type MultiheadAttentionOptions,
} from "./layers/multihead-attention";
export {
  type AffineNorm,
  GroupNorm,
  type GroupNormLayerOptions,
  LayerNorm,
  type LayerNormLayerOptions,
  RMSNorm,
  type RMSNormLayerOptions,
} from "./layers/norm";
export {
  AdaptiveAvgPool2d,
  AvgPool1d,
  AvgPool2d,
  MaxPool1d,
  MaxPool2d,
  type PoolClass,
  type PoolLayer,
} from "./layers/pool";
export {
  Recurrent,
  type RecurrentCell,
  type RecurrentOptions,
  type RecurrentParameterName,
} from "./layers/recurrent";
export { RNN, type RNNOptions } from "./layers/rnn";
export {
  type EncoderOptions,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerOptions,
} from "./layers/transformer";
export { type DecodeOptions, TransformerDecoderLayer } from "./layers/transformer-decoder-layer";
export { type EncodeOptions, TransformerEncoderLayer } from "./layers/transformer-encoder-layer";
export type { TransformerLayerOptions } from "./layers/transformer-layer";
export { Layer, Module, snakeCase } from "./module";
export { Parameter } from "./parameter";
export type { LoadOptions, LoadReport, StateDict } from "./state-dict";
