export {
  type Backend,
  type DeviceMemory,
  type Epilogue,
  type Grouping,
  type Operand,
  type RandomKind,
  Storage,
  type View,
} from "./backend/backend";
export { contract } from "./backend/contract";
export { backendFor, deviceMemory, registerBackend, setDefaultDevice } from "./backend/devices";
export { runLines } from "./backend/row";
export { closeScope, noteAllocation, openScope, scoped, temporarily } from "./backend/scope";
export { type KernelEvent, watchKernels } from "./backend/watch";
export {
  type DType,
  type ElementArray,
  elementTypes,
  isConvertible,
  isFloating,
  isInt32,
  promote,
  promoteKinds,
  type ScalarKind,
  toInt32,
} from "./dtype";
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
  renamed,
  type Shape,
  ShapeError,
  ThalwegError,
} from "./errors";
export { collapse, forEachOuter, type Loops } from "./layout/collapse";
export { grouped, groupedShape } from "./layout/groups";
export { Layout } from "./layout/layout";
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
export { reachable } from "./scalar/derive";
export { type Evaluator, evaluator } from "./scalar/evaluate";
export { Expr, ExprPool } from "./scalar/expr";
export { arcTangent } from "./scalar/float32/atan";
export { erfLimit, erfSeries, normalTail } from "./scalar/float32/erf";
export { exponential } from "./scalar/float32/exp";
export { logarithm } from "./scalar/float32/log";
export { cosine, sine, twoOverPi, twoOverPiBits } from "./scalar/float32/sin";
export { type Hoisted, hoist } from "./scalar/hoist";
export { lower } from "./scalar/lower";
export { type MachineName, machine, machineHelpers } from "./scalar/machine";
export {
  type BinaryPrimitive,
  helpers,
  type Primitive,
  primitives,
  type UnaryPrimitive,
} from "./scalar/primitive";
export {
  type Combine,
  type CompactProgram,
  chained,
  compact,
  type GradientRule,
  gradientPrograms,
  intNeutral,
  LineProgram,
  type LineStage,
  type MapGradient,
  MapProgram,
  neutral,
  newTier,
  ReduceProgram,
  trace,
} from "./scalar/program";
export { type TypedMap, type TypedReduction, typedMap, typedReduction } from "./scalar/typing";
