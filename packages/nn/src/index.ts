export { Identity, ModuleList, Sequential } from "./containers";
export * as init from "./init";
export * from "./layers/activation";
export { Bilinear } from "./layers/bilinear";
export { Dropout } from "./layers/dropout";
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
export { Recurrent, type RecurrentOptions } from "./layers/recurrent";
export { RNN, type RNNOptions } from "./layers/rnn";
export { Layer, type LoadReport, Module, type StateDict, snakeCase } from "./module";
export { Parameter } from "./parameter";
