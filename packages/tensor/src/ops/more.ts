/** Every operation that is a function, and a method of Tensor in programs that import `@thalweg/tensor/methods`. */

export { type DropOptions, dropout, dropout2d } from "../dropout";
export { allClose, type ClosenessOptions, equal, isClose } from "./map/closeness";
export { erfc, erfinv } from "./map/error-functions";
export { exp2 } from "./map/exp2";
export { type AddcOptions, addcdiv, addcmul } from "./map/fused";
export { digamma, lgamma } from "./map/gamma";
export { glu, prelu } from "./map/gates";
export { acosh, asinh, atanh } from "./map/inverse-hyperbolic";
export { logaddexp, logit, xlogy } from "./map/logarithms";
export { copysign, frac, hypot } from "./map/magnitude";
export { floorDivide, fmod } from "./map/quotients";
export { hardshrink, softshrink, tanhshrink, threshold } from "./map/shrink";
export { isInf, type NanToNumOptions, nanToNum } from "./map/special-values";
export {
  add,
  type DivOptions,
  div,
  type RoundOptions,
  round,
  type ScaleOptions,
  sub,
} from "./map/with-options";
export {
  type CdistOptions,
  type CosineSimilarityOptions,
  cdist,
  cosineSimilarity,
  type NormalizeOptions,
  normalize,
  type PairwiseDistanceOptions,
  pairwiseDistance,
} from "./norm/distances";
export { countNonzero } from "./reduce/counts";
export { softmin } from "./reduce/softmin";
export { movedim, rot90, unflatten } from "./view/arrange";
export { diag, diagEmbed, trace } from "./view/diagonals";
export { type DiffOptions, diff, tensorSplit } from "./view/parts";
export { pixelShuffle, pixelUnshuffle } from "./view/pixel-shuffle";
export { type InterpolateOptions, interpolate } from "./window/interpolate";
