export { Identity, ModuleList, Sequential } from "./containers";
export * as init from "./init";
export * from "./layers/activation";
export { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "./layers/batch-norm";
export {
  Conv1d,
  Conv2d,
  type ConvLayerOptions,
  ConvTranspose2d,
  type ConvTransposeLayerOptions,
} from "./layers/conv";
export { Dropout } from "./layers/dropout";
export { Flatten } from "./layers/flatten";
export { Linear } from "./layers/linear";
export {
  GroupNorm,
  type GroupNormLayerOptions,
  LayerNorm,
  type LayerNormLayerOptions,
  RMSNorm,
  type RMSNormLayerOptions,
} from "./layers/norm";
export { AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "./layers/pool";
export { Layer, type LoadReport, Module, type StateDict, snakeCase } from "./module";
export { Parameter } from "./parameter";
