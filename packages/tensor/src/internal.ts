/** Exports that the library's own packages share. They are not for programs, and may change in any version. */
import "./index";

export { arrival } from "@thalweg/cpu";
export { type Gemm, type Matrix, minMatmul, setGemm } from "@thalweg/cpu/internal";
export {
  brandOf,
  broadcastShapes,
  type CallLayer,
  type CompactProgram,
  changes,
  closeScope,
  compact,
  copyProgram,
  describe,
  dispatch,
  execute,
  expandsTo,
  formatShape,
  internal,
  isFloating,
  type KernelCall,
  leftBehind,
  named,
  openScope,
  pushCallLayer,
  type Recorder,
  recorder,
  renamed,
  runHost,
  sameShape,
  scoped,
  setRecorder,
  unrecorded,
} from "@thalweg/kernels";
export { checkCopy, copyMark, otherCopy, thisCopy } from "./copy";
export { like, wrap } from "./create";
export { currentEngine, type Engine, type InPlaceCall, installEngine } from "./engine";
export * as kinds from "./kinds";
export { maybeTensor, shape as shapeKind, tensor as tensorKind, tensors as tensorsKind } from "./kinds";
export { apply, type CompositeLayer, type DispatchLayer, pushLayer, type Run } from "./ops/apply";
export { checkElements } from "./ops/check-elements";
export { future } from "./ops/contract/attention";
export { prepareCopy, updateInPlace } from "./ops/in-place";
export { paddingRow } from "./ops/index/table";
export { softmaxCrossEntropy } from "./ops/loss/cross-entropy";
export { negativeLogLikelihood } from "./ops/loss/nll";
export { copyOf } from "./ops/map/clone";
export { checkProbabilities } from "./ops/probabilities";
export { matrixDims } from "./ops/reduce/matrix-norm";
export { stepsOf } from "./ops/view/steps";
export { asStridedOp, asStridedScatterOp } from "./ops/view/window-view";
export { generatorKind } from "./random";
export { relocate } from "./relocate";
export { replay } from "./replay";
export * from "./signature";
export { isOfKind } from "./tensor";
