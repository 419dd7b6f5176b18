// Losses exist to be differentiated, so this loads an engine.
import "@thalweg/autograd";

export {
  type BinaryOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type LogitOptions,
} from "./binary";
export { type ClassOptions, type CrossEntropyOptions, crossEntropy, nllLoss } from "./classification";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  marginRankingLoss,
  type TripletOptions,
  tripletMarginLoss,
} from "./embedding";
export {
  type GaussianOptions,
  gaussianNllLoss,
  type KlDivOptions,
  klDiv,
  type PoissonOptions,
  poissonNllLoss,
} from "./likelihood";
export type { LossOptions, Reduction } from "./reduce";
export {
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from "./regression";
