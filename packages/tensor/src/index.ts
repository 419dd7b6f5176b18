import { cpu } from "@thalweg/cpu";
import { registerBackend } from "@thalweg/kernels";

registerBackend(cpu);

export {
  type CollectorUse,
  getThreads,
  type MemoryStats,
  memoryStats,
  ready,
  setCodeGeneration,
  setCollector,
  setThreads,
  setWebAssembly,
  type WebAssemblyUse,
} from "@thalweg/cpu";
export type {
  Backend,
  BinaryPrimitive,
  Combine,
  DeviceMemory,
  DType,
  Epilogue,
  Grouping,
  Primitive,
  RandomKind,
  ReduceProgram,
  RowProgram,
  RowStage,
  Scattering,
  UnaryPrimitive,
  View,
} from "@thalweg/kernels";
export {
  ArgumentError,
  DeviceError,
  DTypeError,
  Expr,
  ExprPool,
  GradientError,
  IndexError,
  Layout,
  MapProgram,
  registerBackend,
  type Shape,
  ShapeError,
  Storage,
  setDefaultDevice,
  ThalwegError,
} from "@thalweg/kernels";
export {
  arange,
  type CreateOptions,
  empty,
  eye,
  full,
  fullLike,
  linspace,
  type NestedData,
  ones,
  onesLike,
  type RangeOptions,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./create";
export { exponential, geometric, gumbel, normal } from "./draws";
export type { BackwardOptions, GradientHook, GraphNode, PostAccumulateGradHook } from "./engine";
export * from "./methods";
export * from "./ops";
export { type AttentionOptions, scaledDotProductAttention } from "./ops/contract/attention";
export { einsum } from "./ops/contract/einsum";
export { linear } from "./ops/contract/linear";
// Methods have no options unless a program imports more of them, so the functions are others than theirs.
export { embedding } from "./ops/index/embedding";
export { type EmbeddingBagOptions, embeddingBag } from "./ops/index/embedding-bag";
export type { Sorted, SortOptions, TopkOptions } from "./ops/index/sort";
export { cat, stack } from "./ops/join/cat";
export type { PadOptions } from "./ops/join/copies";
export {
  blockDiag,
  broadcastTensors,
  hstack,
  type MeshgridOptions,
  meshgrid,
  vstack,
} from "./ops/join/stacks";
export { where } from "./ops/map/choice";
export { add, div, round, sub } from "./ops/map/with-options";
export * from "./ops/more";
export {
  type BatchNormOptions,
  batchNorm,
  type GroupNormOptions,
  groupNorm,
} from "./ops/norm/channel-norm";
export { type InstanceNormOptions, instanceNorm } from "./ops/norm/instance-norm";
export { type LayerNormOptions, layerNorm, type RMSNormOptions, rmsNorm } from "./ops/norm/layer-norm";
export { type LocalResponseNormOptions, localResponseNorm } from "./ops/norm/local-response-norm";
export type { Composite, Computation, GradientCall, Input, Op, OpKind, OpSamples } from "./ops/op";
export {
  type Binary,
  type MapOp,
  type Operand,
  type Pointwise,
  type PointwiseFunction,
  type PointwiseOptions,
  pointwise,
  type Ternary,
  type Unary,
} from "./ops/pointwise";
export { mapReduce } from "./ops/reduce/map-reduce";
export type { NormOptions } from "./ops/reduce/norms";
export type { Dims, ReduceOptions } from "./ops/reduce/reduction";
export type { VarianceOptions } from "./ops/reduce/sums";
export { allComposites, allOps } from "./ops/registry";
export type { Domain, Draw, ErrorSample, InputSample, Sample, SampleDrawer } from "./ops/sample";
export { type CallSamples, samplesOf } from "./ops/samples";
export type { DiagonalOptions, Range } from "./ops/view/slice";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  type OutputSize,
} from "./ops/window/adaptive-pool";
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "./ops/window/conv";
export { col2im, type Im2colOptions, im2col } from "./ops/window/im2col";
export {
  type AvgPool1dOptions,
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  type MaxPool,
  type MaxPoolIndexOptions,
  maxPool1d,
  maxPool2d,
} from "./ops/window/pool";
export type { MaxPoolOptions, PoolOptions } from "./ops/window/pool-windows";
export type { Sizes } from "./ops/window/sizes";
export { type Profile, type ProfileRow, profile, type TraceEvent } from "./profile";
export {
  bernoulli,
  defaultGenerator,
  Generator,
  type GeneratorState,
  manualSeed,
  type RandomOptions,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
} from "./random";
export { type NestedArray, Tensor, type TensorArray } from "./tensor";
export type { OperationMethods } from "./tensor-methods";
export { type TriangleOptions, trilIndices, triuIndices } from "./triangles";
