export {
  broadcastable,
  layouts,
  type Relayout,
  type ShapeConstraints,
  shapes,
  type TensorConstraints,
  tensors,
} from "./arbitraries";
export { drawFrom, drawInput, drawValues } from "./draw";
export {
  type Checked,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheck,
  gradgradcheck,
} from "./gradcheck";
export { type OpLawOptions, opLaws } from "./op-laws";
export { type Law, type LawOptions, optimizerLaws } from "./optimizer-laws";
