// Written by `pnpm methods` from the functions in ops/more.ts; a test compares.
import type { Shape } from "@thalweg/kernels";
import type { DropOptions } from "./dropout";
import type { ClosenessOptions } from "./ops/map/closeness";
import type { AddcOptions } from "./ops/map/fused";
import type { NanToNumOptions } from "./ops/map/special-values";
import type { DivOptions, RoundOptions, ScaleOptions } from "./ops/map/with-options";
import type {
  CdistOptions,
  CosineSimilarityOptions,
  NormalizeOptions,
  PairwiseDistanceOptions,
} from "./ops/norm/distances";
import type { Operand } from "./ops/pointwise";
import type { Dims } from "./ops/reduce/reduction";
import type { DiffOptions } from "./ops/view/parts";
import type { DiagonalOptions } from "./ops/view/slice";
import type { InterpolateOptions } from "./ops/window/interpolate";
import type { Tensor } from "./tensor";

/** The methods that `import "@thalweg/tensor/methods"` adds to every tensor. */
export interface MoreMethods {
  /** Inverse hyperbolic cosine, from 0 on; NaN below 1. */
  acosh(): Tensor;
  /** a + `alpha`·b, element by element; operands broadcast, and `alpha` is 1 unless given. */
  add(b: Operand, options?: ScaleOptions): Tensor;
  /** x + `value`·a/b, element by element, in one pass; all broadcast, and `value` is 1 unless given. */
  addcdiv(a: Operand, b: Operand, options?: AddcOptions): Tensor;
  /** x + `value`·a·b, element by element, in one pass; all broadcast, and `value` is 1 unless given. */
  addcmul(a: Operand, b: Operand, options?: AddcOptions): Tensor;
  /**
   * Whether all elements of `a` and `b` are close, as {@link isClose} says. It reads the result, which WebGPU cannot do at once: there
   * `await isClose(a, b).all().itemAsync()` tells the same.
   *
   * @throws DTypeError when the types differ.
   * @example
   * allClose(tensor([1, 2]), tensor([1, 2.1])); // → false
   */
  allClose(b: Tensor, options?: ClosenessOptions): boolean;
  /** Inverse hyperbolic sine. */
  asinh(): Tensor;
  /** Inverse hyperbolic tangent; NaN outside of [-1, 1]. */
  atanh(): Tensor;
  /**
   * Distances between the rows of two matrices: [..., n, d] and [..., m, d] -> [..., n, m]; the other dimensions broadcast. The gradient is 0
   * where a distance is 0. All differences are in memory at once.
   *
   * @throws ShapeError when the rows differ in length.
   * @example
   * cdist(tensor([[0, 0]]), tensor([[3, 4], [0, 1]])).toArray(); // → [[5,1]]
   */
  cdist(b: Tensor, args_2?: CdistOptions): Tensor;
  /**
   * |a| with the sign of b, that of a zero included. The gradient is 0 at a = 0. Whole numbers are converted to float32.
   *
   * @example
   * copysign(tensor([1, -2]), -0).toArray(); // → [-1,-2]
   */
  copysign(b: Operand): Tensor;
  /**
   * Cosine of the angle between vectors along a dimension. The operands broadcast.
   *
   * @example
   * cosineSimilarity(tensor([[1, 0]]), tensor([[0, 5]])).toArray(); // → [0]
   */
  cosineSimilarity(b: Tensor, args_2?: CosineSimilarityOptions): Tensor;
  /** Number of elements over `dim` (all dimensions unless given) that are not 0; NaN counts. The result is int32. */
  countNonzero(dim?: Dims): Tensor;
  /**
   * A matrix with the vector x on its diagonal, or the diagonal of the matrix x as a vector. `diagonal` counts from the main one and
   * is 0 unless given. A copy; {@link diagonal} is a view.
   *
   * @throws ShapeError for other shapes.
   * @example
   * diag(tensor([1, 2])).toArray(); // → [[1,0],[0,2]]
   */
  diag(diagonal?: number): Tensor;
  /**
   * Matrices with the last dimension of x on a diagonal, and zeros elsewhere: [..., n] -> [..., n, n]. `offset` counts from the main
   * diagonal. The rows are the dimension `dim1` of the result, and the columns `dim2`; they are the last two unless given.
   *
   * @throws IndexError for a scalar.
   * @throws ShapeError when both dimensions are the same.
   * @example
   * diagEmbed(tensor([1, 2]), { offset: 1 }).toArray(); // → [[0,1,0],[0,0,2],[0,0,0]]
   */
  diagEmbed(options?: DiagonalOptions): Tensor;
  /**
   * Differences of neighbours along `dim`, the last one unless given, taken `n` times; `n` is 1 unless given. The difference of conditions is
   * whether they differ.
   *
   * @throws ShapeError for a scalar.
   * @example
   * diff(tensor([1, 4, 9])).toArray(); // → [3,5]
   */
  diff(n?: number, dim?: number, options?: DiffOptions): Tensor;
  /** Derivative of {@link lgamma}; -∞ at 0, NaN at negative whole numbers. */
  digamma(): Tensor;
  /**
   * a / b. Division by zero is an infinity or NaN, as in IEEE 754.
   *
   * With a `roundingMode` the result is a whole number, with gradient 0. It has the type of the operands, also if these are whole
   * numbers, whose division by 0 gives any number.
   *
   * @example
   * div(tensor([7, -7]), 2, { roundingMode: "floor" }).toArray(); // → [3,-4]
   */
  div(b: Operand, options?: DivOptions): Tensor;
  /**
   * Sets elements to 0 with probability `p` and divides the others by 1 - p, so that the mean stays the same (Hinton et al.,
   * 2012). Returns x itself if p is 0 or `training` false.
   *
   * @example
   * dropout(tensor([1, 2]), { p: 1 }).toArray(); // → [0,0]
   */
  dropout(options?: DropOptions): Tensor;
  /**
   * Drops whole channels of [n, c, ...], each with probability `p`, as {@link dropout} drops elements (Tompson et al., 2015).
   *
   * @throws ShapeError when x has fewer than three dimensions.
   */
  dropout2d(options?: DropOptions): Tensor;
  /**
   * Whether two tensors have the same shape and the same elements. NaN is not equal to itself. It reads the result, which
   * WebGPU cannot do at once.
   *
   * @throws DTypeError when the types differ.
   * @example
   * equal(tensor([1, 2]), tensor([1, 2])); // → true
   */
  equal(b: Tensor): boolean;
  /** Complementary error function, 1 - {@link erf}, with its own digits where it is small. */
  erfc(): Tensor;
  /** Inverse of {@link erf}: ±∞ at ±1, NaN outside of [-1, 1]. */
  erfinv(): Tensor;
  /** 2 to the power x. */
  exp2(): Tensor;
  /**
   * a / b, rounded down: {@link div} with the rounding mode `"floor"`. The gradient is 0.
   *
   * @example
   * floorDivide(tensor([7, -7]), 2).toArray(); // → [3,-4]
   */
  floorDivide(b: Operand): Tensor;
  /**
   * Remainder of a / b with the sign of a: a - b·trunc(a/b). The gradient of b is minus the rounded quotient. {@link remainder} has the
   * sign of b.
   *
   * @example
   * fmod(tensor([7, -7]), 3).toArray(); // → [1,-1]
   */
  fmod(b: Operand): Tensor;
  /** The part behind the point, with the sign of x: x - {@link trunc}(x). */
  frac(): Tensor;
  /**
   * a·sigmoid(b), where a and b are the halves of x along `dim`, the last one unless given (Dauphin et al., 2017).
   *
   * @throws ShapeError when the extent is odd.
   */
  glu(dim?: number): Tensor;
  /** 0 from -`lambd` to `lambd`, x elsewhere; `lambd` is 0.5 unless given. */
  hardshrink(lambd?: number): Tensor;
  /** √(a² + b²), without overflow; infinite where either is. The gradient is 0 at the origin. */
  hypot(b: Operand): Tensor;
  /**
   * Resizes images, or what else has spatial dimensions: [n, c, ...] -> [n, c, ...sizes]. The mode `"bilinear"` is for
   * [n, c, h, w]. A copy.
   *
   * @throws ShapeError when there are no such dimensions, or a size is 0.
   * @throws ArgumentError when the options contradict each other.
   * @example
   * interpolate(tensor([[[1, 2]]]), { scaleFactor: 2 }).toArray(); // → [[[1,1,2,2]]]
   */
  interpolate(options?: InterpolateOptions): Tensor;
  /**
   * Whether |a - b| ≤ `atol` + `rtol`·|b|, element by element; a tensor of type bool. Operands broadcast. An infinity is close to
   * itself alone, and NaN to nothing unless `equalNan`.
   *
   * @throws DTypeError when the types differ.
   * @example
   * isClose(tensor([1, 2]), tensor([1.000001, 2.1])).toArray(); // → [1,0]
   */
  isClose(b: Tensor, options?: ClosenessOptions): Tensor;
  /** Whether x is infinite, of either sign. */
  isInf(): Tensor;
  /** Logarithm of |Γ(x)|; ∞ at 0 and at negative whole numbers. */
  lgamma(): Tensor;
  /** log(eᵃ + eᵇ), without overflow. */
  logaddexp(b: Operand): Tensor;
  /**
   * log(x / (1 - x)), the inverse of {@link sigmoid}; NaN outside of [0, 1]. With `eps`, x is limited to [`eps`, 1 - `eps`] before; it is
   * not unless given.
   *
   * @example
   * logit(tensor([0, 0.5]), 0.5).toArray(); // → [0,0]
   */
  logit(eps?: number): Tensor;
  /**
   * Moves dimensions to other places, and keeps the order of the rest. A view.
   *
   * @throws ShapeError when the two lists differ in length or name a dimension twice.
   * @example
   * movedim(zeros([2, 3, 4]), 0, -1).shape; // → [3,4,2]
   */
  movedim(source: number | readonly number[], destination: number | readonly number[]): Tensor;
  /**
   * Replaces NaN and infinities by numbers. The gradient is 0 there. Whole numbers and conditions are copied as they are.
   *
   * @example
   * nanToNum(tensor([1, Number.NaN, Number.NEGATIVE_INFINITY]), { neginf: -5 }).toArray(); // → [1,0,-5]
   */
  nanToNum(options?: NanToNumOptions): Tensor;
  /**
   * Divides vectors along a dimension by their norms, but by `eps` at least.
   *
   * @example
   * normalize(tensor([[3, 4]]), { p: 1 }).mul(7).toArray(); // → [[3,4]]
   */
  normalize(args_1?: NormalizeOptions): Tensor;
  /** The norm of a - b + `eps` along the last dimension. The operands broadcast. */
  pairwiseDistance(b: Tensor, options?: PairwiseDistanceOptions): Tensor;
  /**
   * Makes images larger from their channels: [..., c·r², h, w] -> [..., c, h·r, w·r], where r is `upscaleFactor` (Shi et al., 2016). A
   * copy, unless r is 1.
   *
   * @throws ShapeError when the channels are no multiple of r².
   */
  pixelShuffle(r: number): Tensor;
  /**
   * Puts squares of pixels into channels: [..., c, h·r, w·r] -> [..., c·r², h, w], where r is `downscaleFactor`. The opposite of
   * {@link pixelShuffle}. A copy, unless r is 1.
   *
   * @throws ShapeError when r does not divide height and width.
   */
  pixelUnshuffle(r: number): Tensor;
  /**
   * x above 0, `weight`·x elsewhere (He et al., 2015). The weight is one number, or a vector with one for each channel, which is the
   * second dimension of x, or its only one.
   *
   * @throws ShapeError when the weight is neither.
   */
  prelu(weight: Tensor): Tensor;
  /**
   * Turns the plane of two dimensions by `k` right angles, from the first towards the second; `k` is 1 and `dims` the first two
   * dimensions unless given. A copy.
   *
   * @example
   * rot90(tensor([[1, 2], [3, 4]])).toArray(); // → [[2,4],[1,3]]
   */
  rot90(k?: number, dims?: readonly number[]): Tensor;
  /**
   * Nearest whole number, or nearest number with `decimals` digits behind the point (0 unless given). Halves are rounded to even. The
   * gradient is 0.
   *
   * @throws DTypeError for whole numbers with decimals.
   * @example
   * round(tensor([1250, 1260]), { decimals: -2 }).toArray(); // → [1200,1300]
   */
  round(options?: RoundOptions): Tensor;
  /** e⁻ˣ/Σe⁻ˣ along `dim`, the {@link softmax} of -x. */
  softmin(dim: number): Tensor;
  /** 0 from -`lambd` to `lambd`, and elsewhere `lambd` nearer to 0 than x; `lambd` is 0.5 unless given. NaN remains, as in PyTorch 2. */
  softshrink(lambd?: number): Tensor;
  /** a - `alpha`·b, element by element; operands broadcast, and `alpha` is 1 unless given. */
  sub(b: Operand, options?: ScaleOptions): Tensor;
  /** x - tanh(x). */
  tanhshrink(): Tensor;
  /**
   * Splits along `dim` (the first dimension unless given) into as many parts as a number says, the first ones larger by one where
   * it does not divide, or before each of the listed positions, which count from the end if negative. Views.
   *
   * @example
   * tensorSplit(tensor([1, 2, 3, 4, 5]), 2).map((x) => x.toArray()); // → [[1,2,3],[4,5]]
   */
  tensorSplit(indicesOrSections: number | readonly number[], dim?: number): Tensor[];
  /** x above `threshold`, `value` elsewhere. */
  threshold(threshold: number, value: number): Tensor;
  /**
   * Sum of the main diagonal of a matrix.
   *
   * @throws ShapeError when x is no matrix.
   */
  trace(): Tensor;
  /**
   * Splits the dimension `dim` into dimensions of these sizes, one of which may be -1. The opposite of {@link flatten}. A view where
   * the strides allow it, otherwise a copy.
   *
   * @throws ShapeError when the sizes do not fit.
   * @example
   * unflatten(zeros([2, 6]), 1, [3, -1]).shape; // → [2,3,2]
   */
  unflatten(dim: number, sizes: Shape): Tensor;
  /** a·log(b), and 0 where a is 0, except that NaN in b is NaN. */
  xlogy(b: Operand): Tensor;
}
