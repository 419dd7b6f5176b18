export type {
  Backend,
  DeviceMemory,
  Epilogue,
  Grouping,
  Operand,
  RandomKind,
  Scattering,
  View,
} from "./backend/backend";
export { isView } from "./backend/backend";
export { copyProgram } from "./backend/copy-program";
export { backendFor, deviceMemory, registerBackend, setDefaultDevice } from "./backend/devices";
export { closeScope, noteAllocation, openScope, scoped, temporarily } from "./backend/scope";
export { QueuedStorage, Storage } from "./backend/storage";
export {
  ArgumentError,
  brandOf,
  DeviceError,
  DTypeError,
  describe,
  formatShape,
  GradientError,
  IndexError,
  inMemory,
  internal,
  named,
  renamed,
  type Shape,
  ShapeError,
  ThalwegError,
} from "./errors";
export { collapse, forEachOuter, type Loops } from "./layout/collapse";
export { grouped, groupedShape } from "./layout/groups";
export { Layout, sameLayout } from "./layout/layout";
export {
  broadcastShapes,
  checkShape,
  expandsTo,
  normalizeDim,
  normalizeDims,
  normalizeIndex,
  rowMajorStrides,
  sameShape,
  sizeOf,
} from "./layout/shape";
export { derive } from "./scalar/derive";
export {
  type DType,
  dtypeOf,
  type ElementArray,
  type ElementType,
  elementTypes,
  isConvertible,
  isFloating,
  isInt32,
  promote,
  promoteKinds,
  type ScalarKind,
  toInt32,
} from "./scalar/dtype";
export { type Evaluator, evaluator } from "./scalar/evaluate";
export { Expr, ExprPool } from "./scalar/expr";
export { arcTangent } from "./scalar/float32/atan";
export { erfLimit, erfSeries, normalTail } from "./scalar/float32/erf";
export { exponential } from "./scalar/float32/exp";
export { logarithm } from "./scalar/float32/log";
export { cosine, sine, twoOverPi, twoOverPiBits } from "./scalar/float32/sin";
export { countNodes, intInputs, substitute, topological, transplant } from "./scalar/graph";
export { type Hoisted, hoist } from "./scalar/hoist";
export { lower } from "./scalar/lower";
export { type MachineName, machine, machineHelpers, settle } from "./scalar/machine";
export {
  type BinaryPrimitive,
  helpers,
  type Primitive,
  primitives,
  type UnaryPrimitive,
} from "./scalar/primitive";
export { type GradientRule, gradientPrograms, type MapGradient } from "./scalar/programs/gradient";
export { MapProgram } from "./scalar/programs/map-program";
export { type Combine, intNeutral, neutral, ReduceProgram } from "./scalar/programs/reduce-program";
export { type CompactProgram, compact } from "./scalar/programs/rewrite";
export { RowProgram, type RowStage } from "./scalar/programs/row-program";
export { newTier } from "./scalar/programs/tier";
export { trace } from "./scalar/trace";
export { type TypedMap, type TypedReduction, typedMap, typedReduction } from "./scalar/typing";
export type {
  DirectCall,
  DirectKind,
  KernelCall,
  MapCall,
  MatmulCall,
  ReduceCall,
  RowsCall,
} from "./schedule/call";
export { execute } from "./schedule/call";
export { Chain, outputOf, type Stage } from "./schedule/chain";
export { settled } from "./schedule/compose";
export { contract } from "./schedule/contract";
export { operandsOf, readBy, withViews, writtenBy } from "./schedule/operands";
export { type PreparedCalls, type PreparingBackend, prepare } from "./schedule/prepare";
export { KernelQueue, type Launcher } from "./schedule/queue";
export {
  type CountedState,
  changes,
  type HostCall,
  leftBehind,
  type RecordedUpdate,
  type Recorder,
  recorder,
  setRecorder,
  unrecorded,
} from "./schedule/recorder";
export { rows } from "./schedule/row";
export {
  type CallLayer,
  dispatch,
  isObserved,
  pushCallLayer,
  runContract,
  runFilled,
  runHost,
  runKernel,
  runMap,
  runMatmul,
  runReduce,
  runRows,
  runUpload,
} from "./schedule/run";
export { distinctBytes, type KernelEvent, watchKernels } from "./schedule/watch";
