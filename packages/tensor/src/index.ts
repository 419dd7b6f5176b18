import { cpuFloat32, cpuFloat64 } from "./backend/cpu/cpu";
import { registerBackend } from "./backend/devices";
import "./methods";

registerBackend(cpuFloat32);
registerBackend(cpuFloat64);

export type { Backend, DeviceMemory, DType, RandomKind, View } from "./backend/backend";
export { Storage } from "./backend/backend";
export { setWebAssembly, type WebAssemblyUse } from "./backend/cpu/accelerator";
export { setCodeGeneration } from "./backend/cpu/js/generate";
export { getThreads, type MemoryStats, memoryStats, setThreads } from "./backend/cpu/settings";
export { registerBackend, setDefaultDevice } from "./backend/devices";
export { closeScope, openScope, scoped } from "./backend/scope";
export { checkCopy, copyMark, otherCopy, thisCopy } from "./copy";
export * from "./create";
export {
  type BackwardOptions,
  currentEngine,
  type Engine,
  type GradientHook,
  type GraphNode,
  type InPlaceCall,
  installEngine,
} from "./engine";
export {
  brandOf,
  DeviceError,
  DTypeError,
  formatShape,
  GradientError,
  IndexError,
  internal,
  type Shape,
  ShapeError,
  spell,
  ThalwegError,
} from "./errors";
export * from "./functions";
export { Layout } from "./layout/layout";
export { expandsTo, sameShape } from "./layout/shape";
export { apply, type DispatchLayer, pushLayer, type Run } from "./ops/apply";
export { activatedLinear } from "./ops/contract/activated-linear";
export { type AttentionOptions, scaledDotProductAttention } from "./ops/contract/attention";
export { einsum } from "./ops/contract/einsum";
export { linear } from "./ops/contract/linear";
export { copyOf, prepareCopy, updateInPlace } from "./ops/in-place";
export { negativeLogLikelihood, softmaxCrossEntropy } from "./ops/index/nll";
export { cat, stack } from "./ops/join/cat";
export { where } from "./ops/map/choice";
export * from "./ops/methods";
export {
  type BatchNormOptions,
  batchNorm,
  type GroupNormOptions,
  groupNorm,
} from "./ops/norm/channel-norm";
export { type LayerNormOptions, layerNorm, type RMSNormOptions, rmsNorm } from "./ops/norm/layer-norm";
export {
  allComposites,
  allOps,
  type Composite,
  type Computation,
  type GradientCall,
  type Input,
  type Op,
  type OpKind,
} from "./ops/op";
export {
  type Binary,
  type MapOp,
  type Operand,
  type Pointwise,
  pointwise,
  type Ternary,
  type Unary,
} from "./ops/pointwise";
export { checkProbabilities } from "./ops/probabilities";
export { fold } from "./ops/reduce/fold";
export type { Domain, Draw, ErrorSample, InputSample, OpSamples, Sample, Sampler } from "./ops/sample";
export { samplesOf } from "./ops/samples";
export type { Range } from "./ops/view/slice";
export { overwriteOp, windowOp } from "./ops/view/view";
export { adaptiveAvgPool2d, type OutputSize } from "./ops/window/adaptive-pool";
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose2d,
} from "./ops/window/conv";
export { type AvgPoolOptions, avgPool1d, avgPool2d, maxPool1d, maxPool2d } from "./ops/window/pool";
export type { MaxPoolOptions, PoolOptions } from "./ops/window/pool-windows";
export type { Sizes } from "./ops/window/sizes";
export { type Profile, type ProfileRow, profile, type TraceEvent } from "./profile";
export * from "./random";
export { replay } from "./replay";
export { Expr, ExprPool } from "./scalar/expr";
export { type CompactProgram, compact, MapProgram } from "./scalar/program";
export { type NestedArray, Tensor } from "./tensor";
