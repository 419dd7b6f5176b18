export {
  Identity,
  type LayerAt,
  type LayersByPosition,
  ModuleList,
  Sequential,
  type SequentialLayers,
} from "./containers";
export { type Dictionary, ModuleDict, ParameterDict, type ValueAt } from "./dictionaries";
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
  ConvTranspose1d,
  ConvTranspose2d,
  type ConvTransposeLayerOptions,
} from "./layers/conv";
export {
  type ChannelDropout,
  type ChannelDropoutClass,
  Dropout,
  Dropout1d,
  Dropout2d,
  type DropoutOptions,
} from "./layers/dropout";
export { Embedding, type EmbeddingOptions } from "./layers/embedding";
export { type BagOptions, EmbeddingBag, type EmbeddingBagLayerOptions } from "./layers/embedding-bag";
export { Flatten } from "./layers/flatten";
export { Fold, Unfold } from "./layers/fold";
export { GLU, PReLU, type PReLUOptions } from "./layers/gates";
export { GRU } from "./layers/gru";
export { type InstanceNorm, InstanceNorm1d, InstanceNorm2d } from "./layers/instance-norm";
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
  LocalResponseNorm,
  RMSNorm,
  type RMSNormLayerOptions,
} from "./layers/norm";
export {
  CircularPad1d,
  CircularPad2d,
  ConstantPad1d,
  ConstantPad2d,
  type ConstantPaddingClass,
  type Padding,
  type PaddingClass,
  type PaddingLayer,
  ReflectionPad1d,
  ReflectionPad2d,
  ReplicationPad1d,
  ReplicationPad2d,
  ZeroPad1d,
  ZeroPad2d,
} from "./layers/padding";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  type AdaptivePoolClass,
  type AdaptivePoolLayer,
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
export { Hardshrink, Softshrink, Threshold } from "./layers/shrink";
export type { TrackedNorm, TrackedNormOptions } from "./layers/tracked-norm";
export {
  type EncoderOptions,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerOptions,
} from "./layers/transformer";
export { type DecodeOptions, TransformerDecoderLayer } from "./layers/transformer-decoder-layer";
export { type EncodeOptions, TransformerEncoderLayer } from "./layers/transformer-encoder-layer";
export type { TransformerLayerOptions } from "./layers/transformer-layer";
export { PixelShuffle, PixelUnshuffle, Upsample } from "./layers/upsample";
export { Layer, Module, snakeCase } from "./module";
export { Parameter } from "./parameter";
export { ParameterList } from "./parameter-list";
export { removeSpectralNorm, type SpectralNormOptions, spectralNorm } from "./spectral-norm";
export type { LoadOptions, LoadReport, StateDict } from "./state-dict";
export { removeWeightNorm, weightNorm } from "./weight-norm";
