/** Every operation that is a function, and a method of Tensor in programs that import `@thalweg/tensor/methods`. */

export { bernoulli_, exponential_, type FillOptions, geometric_, normal_, uniform_ } from "../draws-in-place";
export { type DropOptions, dropout, dropout2d } from "../dropout";
export { type MultinomialOptions, multinomial } from "../multinomial";
export { type CovarianceOptions, corrcoef, cov } from "./contract/covariance";
export { type AddProductOptions, addbmm, addmm, addmv, baddbmm } from "./contract/products";
export { cross, inner, kron, type SummedDims, tensordot } from "./contract/tensordot";
export {
  type IndexPutOptions,
  type IndexTerm,
  index,
  indexAsync,
  indexPut,
  indexPut_,
  indexPutAsync,
  indexPutAsync_,
} from "./index/advanced";
export {
  type BincountOptions,
  type BucketizeOptions,
  bincount,
  bincountAsync,
  bucketize,
  type HistcOptions,
  histc,
  type SearchsortedOptions,
  searchsorted,
} from "./index/counts";
export { embedding, type LookupOptions } from "./index/embedding";
export {
  argwhere,
  argwhereAsync,
  maskedSelect,
  maskedSelectAsync,
  type Nonzero,
  type NonzeroOptions,
  nonzero,
  nonzeroAsync,
} from "./index/nonzero";
export { oneHotAsync } from "./index/one-hot";
export {
  type IndexAddOptions,
  indexAdd,
  indexCopy,
  indexFill,
  type ScatterReduceOptions,
  type ScatterReduction,
  scatter,
  scatterReduce,
} from "./index/scatter";
export { argsort } from "./index/sort";
export { maskedScatter, repeatInterleave, repeatInterleaveAsync, take, takeAlongDim } from "./index/take";
export {
  type Unique,
  type UniqueFunction,
  type UniqueOptions,
  unique,
  uniqueAsync,
  uniqueConsecutive,
  uniqueConsecutiveAsync,
} from "./index/unique";
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
export { type MatrixNormOptions, matrixNorm } from "./reduce/matrix-norm";
export { aminmax, nanmean, nansum, stdMean, varMean } from "./reduce/moments";
export { nanquantile, type QuantileOptions, type Quantiles, quantile } from "./reduce/quantile";
export {
  kthvalue,
  type Median,
  maxWithIndices,
  median,
  minWithIndices,
  mode,
  nanmedian,
} from "./reduce/selected";
export { softmin } from "./reduce/softmin";
export { cummax, cummin, logcumsumexp } from "./scan/cumulative";
export { movedim, rot90, unflatten } from "./view/arrange";
export { diag, diagEmbed, trace } from "./view/diagonals";
export { type DiffOptions, diff, tensorSplit } from "./view/parts";
export { pixelShuffle, pixelUnshuffle } from "./view/pixel-shuffle";
export { type InterpolateOptions, interpolate } from "./window/interpolate";
