export {
  broadcastable,
  layouts,
  type Relayout,
  type ShapeConstraints,
  shapes,
  type TensorConstraints,
  tensors,
} from "./arbitraries";
export { backendConformance, type ConformanceOptions } from "./backend-conformance";
export { type CommunicatorLaw, type CommunicatorLawOptions, communicatorLaws } from "./communicator-laws";
export type { TestedCommunicator, TestedElements, TestedReduceOp } from "./communicator-trial";
export { type CompileLawOptions, compileLaws } from "./compile-laws";
export { drawFrom, drawInput, drawValues } from "./draw";
export {
  type Checked,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheck,
  gradgradcheck,
} from "./gradcheck";
export type { AsyncLaw, Law } from "./law";
export type { LawInput } from "./law-inputs";
export { type LayerLawOptions, layerLaws } from "./layer-laws";
export type { TestedLayer } from "./layer-trial";
export { lossLaws } from "./loss-laws";
export type { LossInput, LossLawOptions, TestedLoss } from "./loss-trial";
export type { Subject, Tolerance } from "./op-call";
export { type OpLawOptions, opLaws } from "./op-laws";
export { optimizerLaws } from "./optimizer-laws";
export type { LawOptions } from "./optimizer-options";
