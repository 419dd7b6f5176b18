export {
  broadcastable,
  layouts,
  type Relayout,
  type ShapeConstraints,
  shapes,
  type TensorConstraints,
  tensors,
} from "./arbitraries";
export { type AsyncLaw, backendConformance, type ConformanceOptions } from "./backend-conformance";
export { drawFrom, drawInput, drawValues } from "./draw";
export {
  type Checked,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheck,
  gradgradcheck,
} from "./gradcheck";
export type { Subject, Tolerance } from "./op-call";
export { type OpLawOptions, opLaws } from "./op-laws";
export { type Law, type LawOptions, optimizerLaws } from "./optimizer-laws";
