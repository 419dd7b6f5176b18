// Losses exist to be differentiated, so this loads an engine.
import "@thalweg/autograd";

export {
  type BinaryOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type LogitOptions,
} from "./binary";
export { type ClassOptions, type CrossEntropyOptions, crossEntropy, nllLoss } from "./classification";
export { type CtcOptions, ctcLoss, type Lengths } from "./ctc";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  marginRankingLoss,
} from "./embedding";
export {
  type GaussianOptions,
  gaussianNllLoss,
  type KlDivOptions,
  klDiv,
  type PoissonOptions,
  poissonNllLoss,
} from "./likelihood";
export {
  type MultilabelSoftMarginOptions,
  type MultiMarginOptions,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./margins";
export type { LossOptions, Reduction } from "./reduce";
export {
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from "./regression";
export {
  type Distance,
  type TripletDistanceOptions,
  type TripletOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./triplet";
