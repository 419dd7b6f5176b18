// Written by `pnpm methods` from the functions in ops/more.ts; a test compares.
import type { Shape } from "@thalweg/kernels";
import type { FillOptions } from "./draws-in-place";
import type { DropOptions } from "./dropout";
import type { MultinomialOptions } from "./multinomial";
import type { CovarianceOptions } from "./ops/contract/covariance";
import type { AddProductOptions } from "./ops/contract/products";
import type { SummedDims } from "./ops/contract/tensordot";
import type { IndexPutOptions, IndexTerm } from "./ops/index/advanced";
import type {
  BincountOptions,
  BucketizeOptions,
  HistcOptions,
  SearchsortedOptions,
} from "./ops/index/counts";
import type { LookupOptions } from "./ops/index/embedding";
import type { NonzeroOptions } from "./ops/index/nonzero";
import type { IndexAddOptions, ScatterReduceOptions, ScatterReduction } from "./ops/index/scatter";
import type { Sorted, SortOptions } from "./ops/index/sort";
import type { Unique, UniqueOptions } from "./ops/index/unique";
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
import type { MatrixNormOptions } from "./ops/reduce/matrix-norm";
import type { QuantileOptions, Quantiles } from "./ops/reduce/quantile";
import type { Dims, ReduceOptions } from "./ops/reduce/reduction";
import type { VarianceOptions } from "./ops/reduce/sums";
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
  /** `beta`·x + `alpha`·Σ(aᵢ·bᵢ) over a batch of matrices: [b, m, k] x [b, k, n] -> [m, n]; otherwise like {@link addmm}. */
  addbmm(a: Tensor, b: Tensor, options?: AddProductOptions): Tensor;
  /** x + `value`·a/b, element by element, in one pass; all broadcast, and `value` is 1 unless given. */
  addcdiv(a: Operand, b: Operand, options?: AddcOptions): Tensor;
  /** x + `value`·a·b, element by element, in one pass; all broadcast, and `value` is 1 unless given. */
  addcmul(a: Operand, b: Operand, options?: AddcOptions): Tensor;
  /**
   * `beta`·x + `alpha`·(a·b) with matrices: [m, k] x [k, n] -> [m, n], to which x broadcasts.
   *
   * @throws ShapeError when the factors are not matrices that fit, or x does not broadcast.
   * @example
   * addmm(tensor([10, 20]), tensor([[1, 2]]), tensor([[1, 0], [0, 1]])).toArray(); // → [[11,22]]
   */
  addmm(a: Tensor, b: Tensor, options?: AddProductOptions): Tensor;
  /** `beta`·x + `alpha`·(a·b) with a matrix and a vector: [m, k] x [k] -> [m]; otherwise like {@link addmm}. */
  addmv(a: Tensor, b: Tensor, options?: AddProductOptions): Tensor;
  /**
   * Whether all elements of `a` and `b` are close, as {@link isClose} says. It reads the result, which WebGPU cannot do at once: there
   * `await isClose(a, b).all().itemAsync()` tells the same.
   *
   * @throws DTypeError when the types differ.
   * @example
   * allClose(tensor([1, 2]), tensor([1, 2.1])); // → false
   */
  allClose(b: Tensor, options?: ClosenessOptions): boolean;
  /**
   * `amin` and `amax` over `dim` (all dimensions unless given), with the same arguments: `{ min, max }`. Ties share the
   * gradients evenly.
   */
  aminmax(dim?: Dims, options?: ReduceOptions): { readonly min: Tensor; readonly max: Tensor };
  /**
   * The positions of the elements along `dim` (the last unless given) in sorted order, int32: the indices of `sort`.
   *
   * @example
   * const x = tensor([[3, 1, 2], [0, 5, 4]]);
   * argsort(x).toArray(); // → [[1,2,0],[0,2,1]]
   * argsort(x, 0, { descending: true }).toArray(); // → [[0,1,1],[1,0,0]]
   */
  argsort(dim?: number, options?: SortOptions): Tensor;
  /**
   * The positions of the elements that are not 0, as NumPy names it: {@link nonzero} without options.
   *
   * @throws DeviceError on WebGPU, where {@link argwhereAsync} works.
   */
  argwhere(): Tensor;
  /** Does the same as {@link argwhere}, on every device. */
  argwhereAsync(): Promise<Tensor>;
  /** Inverse hyperbolic sine. */
  asinh(): Tensor;
  /** Inverse hyperbolic tangent; NaN outside of [-1, 1]. */
  atanh(): Tensor;
  /** `beta`·x + `alpha`·(a·b) with batches of matrices: [b, m, k] x [b, k, n] -> [b, m, n]; otherwise like {@link addmm}. */
  baddbmm(a: Tensor, b: Tensor, options?: AddProductOptions): Tensor;
  /**
   * Overwrites the elements with 1 with probability `p`, otherwise 0; returns x. `p` is a number, or a tensor of probabilities that
   * broadcasts to x, on its device; 0.5 unless given.
   *
   * @throws ThalwegError when a probability of a tensor is not between 0 and 1. On WebGPU the next read throws instead.
   */
  bernoulli_(p?: number | Tensor, options?: FillOptions): Tensor;
  /**
   * How often each whole number from 0 on occurs in a vector, up to the largest one: int32, or sums of weights. Nothing has a gradient.
   *
   * @throws IndexError when an element is not a whole number from 0 on; DeviceError on WebGPU, where {@link bincountAsync} works.
   * @example
   * bincount(tensor([1, 3, 1])).toArray(); // → [0,2,0,1]
   */
  bincount(options?: BincountOptions): Tensor;
  /** Does the same as {@link bincount}, on every device. */
  bincountAsync(options?: BincountOptions): Promise<Tensor>;
  /**
   * The bucket of each element between ascending boundaries, a vector: 0 below the first; int32. A value on a boundary belongs to the
   * bucket below it unless `right` is true.
   *
   * @example
   * bucketize(tensor([0, 3, 9]), tensor([1, 3, 5])).toArray(); // → [0,1,3]
   */
  bucketize(boundaries: Tensor, options?: BucketizeOptions): Tensor;
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
   * Correlation coefficients of the rows of a matrix, whose columns are observations: covariances divided by both deviations. NaN where a
   * row is constant.
   *
   * @throws ShapeError when x has more than two dimensions; DTypeError for ints.
   * @example
   * corrcoef(tensor([[0, 1, 2], [4, 2, 0]])).toArray(); // → [[1,-1],[-1,1]]
   */
  corrcoef(): Tensor;
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
   * Covariances of the rows of a matrix, whose columns are observations: [variables, observations] -> [variables, variables]. A vector is
   * one variable, and gives its variance.
   *
   * @throws ShapeError when x has more than two dimensions, or there is not a weight for each observation; DTypeError for ints.
   * @example
   * cov(tensor([[0, 1, 2], [2, 1, 0]])).toArray(); // → [[1,-1],[-1,1]]
   */
  cov(options?: CovarianceOptions): Tensor;
  /**
   * The vector product along `dim`, of size 3, or along the first dimension of that size unless `dim` is given. Both operands broadcast.
   *
   * @throws ShapeError when there is no dimension of size 3.
   * @example
   * cross(tensor([1, 0, 0]), tensor([0, 1, 0])).toArray(); // → [0,0,1]
   */
  cross(b: Tensor, dim?: number): Tensor;
  /**
   * The largest elements so far along `dim`, and their positions: the last of equal ones, which takes the gradient. From the first NaN on,
   * all are NaN.
   *
   * @example
   * cummax(tensor([1, 3, 2]), 0).values.toArray(); // → [1,3,3]
   */
  cummax(dim: number): Sorted;
  /** The smallest elements so far along `dim`, and their positions; otherwise like {@link cummax}. */
  cummin(dim: number): Sorted;
  /**
   * A matrix with the vector x on its diagonal, or the diagonal of the matrix x as a vector. `diagonal` counts from the main one and
   * is 0 unless given. A copy; `diagonal` of a tensor is a view.
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
   * Looks up rows of `weight` [n, d] for an index of any shape: [...] -> [..., d].
   *
   * @throws IndexError when an index is not that of a row; ShapeError unless `weight` is a matrix.
   * @example
   * embedding(tensor([1, 0, 1]), tensor([[1, 2], [3, 4]])).toArray(); // → [[3,4],[1,2],[3,4]]
   */
  embedding(weight: Tensor, options?: LookupOptions): Tensor;
  /**
   * Whether two tensors have the same shape and the same elements. NaN is not equal to itself. It reads the result, which
   * WebGPU cannot do at once.
   *
   * @throws DTypeError when the types differ.
   * @example
   * equal(tensor([1, 2]), tensor([1, 2])); // → true
   */
  equal(b: Tensor): boolean;
  /** Complementary error function, 1 - `erf`, with its own digits where it is small. */
  erfc(): Tensor;
  /** Inverse of `erf`: ±∞ at ±1, NaN outside of [-1, 1]. */
  erfinv(): Tensor;
  /** 2 to the power x. */
  exp2(): Tensor;
  /**
   * Overwrites the elements with numbers of the exponential distribution, as `exponential` draws them; returns x. `rate` is 1 unless given.
   *
   * @throws DTypeError for ints.
   */
  exponential_(rate?: number, options?: FillOptions): Tensor;
  /**
   * a / b, rounded down: {@link div} with the rounding mode `"floor"`. The gradient is 0.
   *
   * @example
   * floorDivide(tensor([7, -7]), 2).toArray(); // → [3,-4]
   */
  floorDivide(b: Operand): Tensor;
  /**
   * Remainder of a / b with the sign of a: a - b·trunc(a/b). The gradient of b is minus the rounded quotient. `remainder` has the
   * sign of b.
   *
   * @example
   * fmod(tensor([7, -7]), 3).toArray(); // → [1,-1]
   */
  fmod(b: Operand): Tensor;
  /** The part behind the point, with the sign of x: x - `trunc`(x). */
  frac(): Tensor;
  /** Overwrites the elements with numbers of trials until a success of probability `p`, as `geometric` draws them; returns x. */
  geometric_(p: number, options?: FillOptions): Tensor;
  /**
   * a·sigmoid(b), where a and b are the halves of x along `dim`, the last one unless given (Dauphin et al., 2017).
   *
   * @throws ShapeError when the extent is odd.
   */
  glu(dim?: number): Tensor;
  /** 0 from -`lambd` to `lambd`, x elsewhere; `lambd` is 0.5 unless given. */
  hardshrink(lambd?: number): Tensor;
  /**
   * The number of elements in each of `bins` intervals of equal width, 100 unless given, in the type of `x`. Elements outside, and NaN, are
   * not counted. Nothing has a gradient.
   *
   * @throws ThalwegError when `max` is below `min`; DTypeError for ints.
   * @example
   * histc(tensor([1, 2, 1]), 4, { min: 0, max: 3 }).toArray(); // → [0,2,1,0]
   */
  histc(bins?: number, options?: HistcOptions): Tensor;
  /** √(a² + b²), without overflow; infinite where either is. The gradient is 0 at the origin. */
  hypot(b: Operand): Tensor;
  /**
   * Takes elements like PyTorch's `x[...]`, with one index for each dimension, from the first on. Ranges are those of `slice`,
   * and are applied first. Tensors of positions broadcast together, negative positions count from the end, and their dimensions take
   * the place of the indexed ones; they come first where a range stands between two tensors. A bool tensor stands for as many
   * dimensions as it has, and takes the positions where it is true. The result is a copy, or a view where all are ranges.
   *
   * @throws IndexError when a position is not a whole number within its dimension, or a mask does not fit; DeviceError with a bool
   * tensor on WebGPU, where {@link indexAsync} works.
   * @example
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * index(x, tensor([1, 0, 1]), tensor([2, 0, -1])).toArray(); // → [6,1,6]
   * index(x, null, tensor([2, 0])).toArray(); // → [[3,1],[6,4]]
   * index(x, x.gt(2)).toArray(); // → [3,4,5,6]
   */
  index(...indices: readonly IndexTerm[]): Tensor;
  /**
   * Adds `alpha`·`source` to a copy of `x`, at the positions in the vector `index` along `dim`. Duplicates are summed. The source
   * has the shape of `x` with `index.size` places along `dim`.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * zeros([3]).indexAdd(0, tensor([2, 2, 0]), tensor([1, 2, 5])).toArray(); // → [5,0,3]
   */
  indexAdd(dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor;
  /** Does the same as {@link index}, on every device. */
  indexAsync(...indices: readonly IndexTerm[]): Promise<Tensor>;
  /**
   * A copy of `x` with the elements of `source` at the positions in the vector `index` along `dim`. The source has the shape of
   * `x` with `index.size` places along `dim`. Of duplicates one is written, on the CPU the last.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * zeros([3]).indexCopy(0, tensor([2, 0]), tensor([5, 7])).toArray(); // → [7,0,5]
   */
  indexCopy(dim: number, index: Tensor, source: Tensor): Tensor;
  /**
   * A copy of `x` with `value`, a number or a tensor of rank 0, at the positions in the vector `index` along `dim`. Negative
   * positions count from the end.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * ones([2, 3]).indexFill(1, tensor([0, -1]), 7).toArray(); // → [[7,1,7],[7,1,7]]
   */
  indexFill(dim: number, index: Tensor, value: number | Tensor): Tensor;
  /** A copy of `x` with other elements: `indexPut_` out of place. */
  indexPut(indices: readonly IndexTerm[], values: number | Tensor, options?: IndexPutOptions): Tensor;
  /** Does the same as {@link indexPut}, on every device. */
  indexPutAsync(
    indices: readonly IndexTerm[],
    values: number | Tensor,
    options?: IndexPutOptions,
  ): Promise<Tensor>;
  /** Does the same as `indexPut_`, on every device. */
  indexPutAsync_(
    indices: readonly IndexTerm[],
    values: number | Tensor,
    options?: IndexPutOptions,
  ): Promise<Tensor>;
  /**
   * Writes `values`, which broadcast, to the elements that {@link index} takes for the same indices; returns x. With `accumulate` they
   * are added, and duplicates are summed; otherwise one of several values for an element is written, on the CPU the last.
   *
   * @throws IndexError when a position is not a whole number within its dimension, or a mask does not fit; DeviceError with a bool
   * tensor on WebGPU, where `indexPutAsync_` works, and `maskedFill` and {@link maskedScatter}; GradientError for a leaf that requires grad, except
   * within `noGrad`.
   * @example
   * const x = zeros([2, 2]);
   * x.indexPut_([tensor([0, 1, 1]), tensor([1, 0, 0])], 3, { accumulate: true }).toArray(); // → [[0,3],[6,0]]
   */
  indexPut_(indices: readonly IndexTerm[], values: number | Tensor, options?: IndexPutOptions): Tensor;
  /**
   * Sums of products over the last dimensions: [..., k], [..., k] -> the other dimensions of both. A scalar is a factor.
   *
   * @throws ShapeError when the last dimensions differ.
   * @example
   * inner(tensor([[1, 2], [3, 4]]), tensor([1, 10])).toArray(); // → [21,43]
   */
  inner(b: Tensor): Tensor;
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
  /**
   * The Kronecker product: each element of `a` times all of `b`, as blocks. Missing dimensions on the left are 1.
   *
   * @example
   * kron(tensor([1, 10]), tensor([2, 3])).toArray(); // → [2,3,20,30]
   */
  kron(b: Tensor): Tensor;
  /**
   * The `k`-th smallest elements along `dim`, the last unless given, and their positions; `k` is 1 for the smallest. NaN counts as the
   * largest.
   *
   * @throws ShapeError when `k` is larger than the dimension.
   * @example
   * kthvalue(tensor([3, 1, 2]), 2).values.item(); // → 2
   */
  kthvalue(k: number, dim?: number, options?: ReduceOptions): Sorted;
  /** Logarithm of |Γ(x)|; ∞ at 0 and at negative whole numbers. */
  lgamma(): Tensor;
  /** log(eᵃ + eᵇ), without overflow. */
  logaddexp(b: Operand): Tensor;
  /**
   * log Σ eˣ over the elements so far along `dim`, without overflow.
   *
   * @throws DTypeError for ints.
   */
  logcumsumexp(dim: number): Tensor;
  /**
   * log(x / (1 - x)), the inverse of `sigmoid`; NaN outside of [0, 1]. With `eps`, x is limited to [`eps`, 1 - `eps`] before; it is
   * not unless given.
   *
   * @example
   * logit(tensor([0, 0.5]), 0.5).toArray(); // → [0,0]
   */
  logit(eps?: number): Tensor;
  /**
   * A copy of `x` with the elements of `source`, in row-major order, where `mask` is nonzero. `x` and the mask broadcast. The source may
   * have more elements than the mask chooses.
   *
   * @throws IndexError when the source has fewer elements than the mask chooses.
   * @example
   * zeros([4]).maskedScatter(tensor([0, 1, 0, 1]), tensor([5, 6, 7])).toArray(); // → [0,5,0,6]
   */
  maskedScatter(mask: Tensor, source: Tensor): Tensor;
  /**
   * The elements where `mask` is nonzero, in row-major order, as a vector. Both operands broadcast.
   *
   * @throws DeviceError on WebGPU, where {@link maskedSelectAsync} works.
   * @example
   * const x = tensor([[1, -2], [-3, 4]]);
   * x.maskedSelect(x.gt(0)).toArray(); // → [1,4]
   */
  maskedSelect(mask: Tensor): Tensor;
  /** Does the same as {@link maskedSelect}, on every device. */
  maskedSelectAsync(mask: Tensor): Promise<Tensor>;
  /**
   * Norms of matrices, of the last two dimensions unless `dim` names others.
   *
   * @throws ShapeError when there are no two dimensions.
   * @example
   * matrixNorm(tensor([[1, -2], [3, 4]]), { p: 1 }).item(); // → 6
   */
  matrixNorm(options?: MatrixNormOptions): Tensor;
  /**
   * The largest elements along `dim`, the last unless given, and their positions. Of equal elements the first counts, and takes the
   * gradient; NaN counts as the largest.
   *
   * @throws ShapeError when the dimension is empty.
   * @example
   * const { values, indices } = maxWithIndices(tensor([[1, 5], [7, 2]]), 1);
   * values.toArray(); // → [5,7]
   * indices.toArray(); // → [1,0]
   */
  maxWithIndices(dim?: number, options?: ReduceOptions): Sorted;
  /**
   * The median of all elements or, along `dim`, medians and their positions: the lower of two in the middle. NaN if any element is NaN. Over
   * all, equal elements share the gradient evenly, and the median of none is NaN.
   *
   * @throws ShapeError when the dimension is empty.
   * @example
   * median(tensor([4, 1, 3, 2])).item(); // → 2
   * median(tensor([[1, 3, 2], [6, 5, 4]]), 1).indices.toArray(); // → [2,1]
   */
  median(): Tensor;
  /**
   * The median of all elements or, along `dim`, medians and their positions: the lower of two in the middle. NaN if any element is NaN. Over
   * all, equal elements share the gradient evenly, and the median of none is NaN.
   *
   * @throws ShapeError when the dimension is empty.
   * @example
   * median(tensor([4, 1, 3, 2])).item(); // → 2
   * median(tensor([[1, 3, 2], [6, 5, 4]]), 1).indices.toArray(); // → [2,1]
   */
  median(dim: number, options?: ReduceOptions): Sorted;
  /** The smallest elements along `dim`, the last unless given, and their positions; otherwise like {@link maxWithIndices}. NaN counts as the smallest. */
  minWithIndices(dim?: number, options?: ReduceOptions): Sorted;
  /**
   * The most frequent elements along `dim`, the last unless given, and the last positions where they are: the smallest of equally frequent
   * ones. No NaN equals another.
   *
   * @throws ShapeError when the dimension is empty.
   * @example
   * mode(tensor([3, 1, 3, 2])).values.item(); // → 3
   */
  mode(dim?: number, options?: ReduceOptions): Sorted;
  /**
   * Moves dimensions to other places, and keeps the order of the rest. A view.
   *
   * @throws ShapeError when the two lists differ in length or name a dimension twice.
   * @example
   * movedim(zeros([2, 3, 4]), 0, -1).shape; // → [3,4,2]
   */
  movedim(source: number | readonly number[], destination: number | readonly number[]): Tensor;
  /**
   * Draws `count` categories with probabilities proportional to weights: int32 positions of shape [count], or [rows, count]
   * for weights of shape [rows, categories]. Nothing has a gradient. A category is drawn at most once unless `replacement` is true.
   *
   * @throws ThalwegError when a weight is negative or not finite, or too few are above 0; weights on other devices than the CPU are not
   * checked. ShapeError for other shapes, DTypeError for ints.
   * @example
   * multinomial(tensor([0, 0, 5]), 2, { replacement: true }).toArray(); // → [2,2]
   */
  multinomial(count: number, options?: MultinomialOptions): Tensor;
  /**
   * Replaces NaN and infinities by numbers. The gradient is 0 there. Whole numbers and conditions are copied as they are.
   *
   * @example
   * nanToNum(tensor([1, Number.NaN, Number.NEGATIVE_INFINITY]), { neginf: -5 }).toArray(); // → [1,0,-5]
   */
  nanToNum(options?: NanToNumOptions): Tensor;
  /** Mean of the elements that are not NaN over `dim` (all dimensions unless given); NaN for none. */
  nanmean(dim?: Dims, options?: ReduceOptions): Tensor;
  /** The median of the elements that are not NaN; NaN where all are. Otherwise like {@link median}. */
  nanmedian(): Tensor;
  /** The median of the elements that are not NaN; NaN where all are. Otherwise like {@link median}. */
  nanmedian(dim: number, options?: ReduceOptions): Sorted;
  /**
   * Quantiles of the elements that are not NaN, over `dim` (all dimensions unless given); NaN where all are. Otherwise like
   * {@link quantile}.
   */
  nanquantile(q: Quantiles, dim?: number, options?: QuantileOptions): Tensor;
  /**
   * Sum of the elements that are not NaN over `dim` (all dimensions unless given); 0 for none.
   *
   * @example
   * nansum(tensor([1, Number.NaN, 2])).item(); // → 3
   */
  nansum(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * The positions of the elements that are not 0, in row-major order: int32 [count, x.ndim], or with `asTuple` a vector for each
   * dimension. NaN is not 0.
   *
   * @throws DeviceError on WebGPU, where {@link nonzeroAsync} works.
   * @example
   * tensor([[1, 0], [0, 5]]).nonzero().toArray(); // → [[0,0],[1,1]]
   */
  nonzero(options: NonzeroOptions & { readonly asTuple: true }): Tensor[];
  /**
   * The positions of the elements that are not 0, in row-major order: int32 [count, x.ndim], or with `asTuple` a vector for each
   * dimension. NaN is not 0.
   *
   * @throws DeviceError on WebGPU, where {@link nonzeroAsync} works.
   * @example
   * tensor([[1, 0], [0, 5]]).nonzero().toArray(); // → [[0,0],[1,1]]
   */
  nonzero(options?: NonzeroOptions): Tensor;
  /** Does the same as {@link nonzero}, on every device. */
  nonzeroAsync(options: NonzeroOptions & { readonly asTuple: true }): Promise<Tensor[]>;
  /** Does the same as {@link nonzero}, on every device. */
  nonzeroAsync(options?: NonzeroOptions): Promise<Tensor>;
  /**
   * Overwrites the elements with normal numbers of mean `mean` (0 unless given) and standard deviation `std` (1 unless given); returns x.
   *
   * @throws DTypeError for ints; ThalwegError when `std` is negative.
   */
  normal_(mean?: number, std?: number, options?: FillOptions): Tensor;
  /**
   * Divides vectors along a dimension by their norms, but by `eps` at least.
   *
   * @example
   * normalize(tensor([[3, 4]]), { p: 1 }).mul(7).toArray(); // → [[3,4]]
   */
  normalize(args_1?: NormalizeOptions): Tensor;
  /** Does the same as `oneHot` without `classes`, on every device. */
  oneHotAsync(): Promise<Tensor>;
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
   * Quantiles along `dim`, or of all elements unless `dim` is given. `q` is a number from 0 to 1, or several, which are the first dimension of
   * the result. NaN where an element is NaN.
   *
   * @throws ShapeError when there are no elements, or a quantile is not from 0 to 1; DTypeError for ints.
   * @example
   * quantile(tensor([1, 2, 3, 5]), 0.5).item(); // → 2.5
   * quantile(tensor([1, 2, 3, 5]), [0, 1]).toArray(); // → [1,5]
   */
  quantile(q: Quantiles, dim?: number, options?: QuantileOptions): Tensor;
  /**
   * Repeats each element `repeats` times along `dim`, in the flattened tensor unless `dim` is given. A tensor of repeats has a whole number
   * for each position. A copy.
   *
   * @throws DeviceError with a tensor of repeats on WebGPU, where {@link repeatInterleaveAsync} works.
   * @example
   * tensor([[1, 2], [3, 4]]).repeatInterleave(2, 1).toArray(); // → [[1,1,2,2],[3,3,4,4]]
   * tensor([5, 6]).repeatInterleave(tensor([1, 3])).toArray(); // → [5,6,6,6]
   */
  repeatInterleave(repeats: number | Tensor, dim?: number): Tensor;
  /** Does the same as {@link repeatInterleave}, on every device: along `dim`, or in the flattened tensor unless it is given. */
  repeatInterleaveAsync(repeats: number | Tensor, dim?: number): Promise<Tensor>;
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
  /**
   * Writes the elements of `src`, or one number, to a copy of `x`, at the positions in `index` along `dim`: `out[index[i][j]][j] =
   * src[i][j]` for dim 0. `src` may be larger than the index. Of several elements at one position one is written, on the CPU the
   * last; the gradient reaches all of them.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * zeros([3]).scatter(0, tensor([2, 0]), tensor([5, 7])).toArray(); // → [7,0,5]
   */
  scatter(dim: number, index: Tensor, src: number | Tensor): Tensor;
  /**
   * Combines the elements of `src` with those of a copy of `x` at the positions in `index` along `dim`. Extrema are NaN if an
   * element is, and ties share the gradient evenly. A mean of ints is rounded down.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * const [index, src] = [tensor([0, 0, 1]), tensor([2, 6, 5])];
   * tensor([1, 1]).scatterReduce(0, index, src, "mean").toArray(); // → [3,3]
   * tensor([1, 1]).scatterReduce(0, index, src, "amax", { includeSelf: false }).toArray(); // → [6,5]
   */
  scatterReduce(
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    options?: ScatterReduceOptions,
  ): Tensor;
  /**
   * Where values would have to be inserted to keep a sequence sorted: the number of elements below each value, or with `right` of those
   * that are not above it. The sequence is a vector, or has the dimensions of the values before the last; int32.
   *
   * @throws ShapeError when the dimensions do not fit.
   * @example
   * searchsorted(tensor([1, 3, 5]), tensor([0, 3, 9])).toArray(); // → [0,1,3]
   */
  searchsorted(values: Tensor, options?: SearchsortedOptions): Tensor;
  /** e⁻ˣ/Σe⁻ˣ along `dim`, the `softmax` of -x. */
  softmin(dim: number): Tensor;
  /** 0 from -`lambd` to `lambd`, and elsewhere `lambd` nearer to 0 than x; `lambd` is 0.5 unless given. NaN remains, as in PyTorch 2. */
  softshrink(lambd?: number): Tensor;
  /** `std` and `mean` over `dim` (all dimensions unless given), with the arguments of the former: `{ std, mean }`. */
  stdMean(dim?: Dims, options?: VarianceOptions): Record<"std" | "mean", Tensor>;
  /** a - `alpha`·b, element by element; operands broadcast, and `alpha` is 1 unless given. */
  sub(b: Operand, options?: ScaleOptions): Tensor;
  /**
   * The elements at positions of the flattened tensor, in the shape of the index. Negative positions count from the end.
   *
   * @throws IndexError when a position is not a whole number within the tensor.
   * @example
   * tensor([[4, 5], [6, 7]]).take(tensor([0, -1])).toArray(); // → [4,7]
   */
  take(index: Tensor): Tensor;
  /**
   * Gathers elements along `dim`, like `gather`, where the other dimensions broadcast; from the flattened tensors unless `dim` is
   * given. `argmax` with `keepDim` and the indices of `sort` fit.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * const x = tensor([[3, 1, 2], [5, 9, 7]]);
   * x.takeAlongDim(x.argmax(1, { keepDim: true }), 1).toArray(); // → [[3],[9]]
   */
  takeAlongDim(index: Tensor, dim?: number): Tensor;
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
  /**
   * Sums of products over several dimensions. A number of `dims`, 2 unless given, pairs the last dimensions of `a` with the first of `b`;
   * two lists pair any. The other dimensions of `a` come first, then those of `b`.
   *
   * @throws ShapeError when paired dimensions differ in size.
   * @example
   * tensordot(tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]]), 1).toArray(); // → [[19,22],[43,50]]
   * tensordot(tensor([[1, 2], [3, 4]]), tensor([10, 1]), [[0], [0]]).toArray(); // → [13,24]
   */
  tensordot(b: Tensor, dims?: SummedDims): Tensor;
  /** x above `threshold`, `value` elsewhere. */
  threshold(threshold: number, value: number): Tensor;
  /**
   * Sum of the main diagonal of a matrix.
   *
   * @throws ShapeError when x is no matrix.
   */
  trace(): Tensor;
  /**
   * Splits the dimension `dim` into dimensions of these sizes, one of which may be -1. The opposite of `flatten`. A view where
   * the strides allow it, otherwise a copy.
   *
   * @throws ShapeError when the sizes do not fit.
   * @example
   * unflatten(zeros([2, 6]), 1, [3, -1]).shape; // → [2,3,2]
   */
  unflatten(dim: number, sizes: Shape): Tensor;
  /**
   * Overwrites the elements with uniform numbers from `low` (0 unless given) to below `high` (1 unless given); returns x. Throws for a leaf
   * that requires grad, except within `noGrad`; so do the others that fill with random numbers.
   *
   * @throws DTypeError for ints; ThalwegError when `high` is below `low`.
   */
  uniform_(low?: number, high?: number, options?: FillOptions): Tensor;
  /**
   * The distinct elements in ascending order, or with `dim` the distinct slices along it. Every NaN is distinct, and comes last. With
   * `returnInverse` or `returnCounts` the result is `{ values, inverse, counts }`. Nothing has a gradient.
   *
   * @throws DeviceError on WebGPU, where {@link uniqueAsync} works.
   * @example
   * unique(tensor([3, 1, 3])).toArray(); // → [1,3]
   * unique(tensor([3, 1, 3]), { returnInverse: true }).inverse.toArray(); // → [1,0,1]
   */
  unique(
    options: UniqueOptions & ({ readonly returnInverse: true } | { readonly returnCounts: true }),
  ): Unique;
  /**
   * The distinct elements in ascending order, or with `dim` the distinct slices along it. Every NaN is distinct, and comes last. With
   * `returnInverse` or `returnCounts` the result is `{ values, inverse, counts }`. Nothing has a gradient.
   *
   * @throws DeviceError on WebGPU, where {@link uniqueAsync} works.
   * @example
   * unique(tensor([3, 1, 3])).toArray(); // → [1,3]
   * unique(tensor([3, 1, 3]), { returnInverse: true }).inverse.toArray(); // → [1,0,1]
   */
  unique(options?: UniqueOptions): Tensor;
  /** Does the same as {@link unique}, on every device. */
  uniqueAsync(
    options: UniqueOptions & ({ readonly returnInverse: true } | { readonly returnCounts: true }),
  ): Promise<Unique>;
  /** Does the same as {@link unique}, on every device. */
  uniqueAsync(options?: UniqueOptions): Promise<Tensor>;
  /**
   * The elements without those that equal the one before, or with `dim` the slices; otherwise like {@link unique}.
   *
   * @throws DeviceError on WebGPU, where {@link uniqueConsecutiveAsync} works.
   * @example
   * uniqueConsecutive(tensor([3, 3, 1, 3])).toArray(); // → [3,1,3]
   */
  uniqueConsecutive(
    options: UniqueOptions & ({ readonly returnInverse: true } | { readonly returnCounts: true }),
  ): Unique;
  /**
   * The elements without those that equal the one before, or with `dim` the slices; otherwise like {@link unique}.
   *
   * @throws DeviceError on WebGPU, where {@link uniqueConsecutiveAsync} works.
   * @example
   * uniqueConsecutive(tensor([3, 3, 1, 3])).toArray(); // → [3,1,3]
   */
  uniqueConsecutive(options?: UniqueOptions): Tensor;
  /** Does the same as {@link uniqueConsecutive}, on every device. */
  uniqueConsecutiveAsync(
    options: UniqueOptions & ({ readonly returnInverse: true } | { readonly returnCounts: true }),
  ): Promise<Unique>;
  /** Does the same as {@link uniqueConsecutive}, on every device. */
  uniqueConsecutiveAsync(options?: UniqueOptions): Promise<Tensor>;
  /** `var` and `mean` over `dim` (all dimensions unless given), with the arguments of the former: `{ var, mean }`. */
  varMean(dim?: Dims, options?: VarianceOptions): Record<"var" | "mean", Tensor>;
  /** a·log(b), and 0 where a is 0, except that NaN in b is NaN. */
  xlogy(b: Operand): Tensor;
}
