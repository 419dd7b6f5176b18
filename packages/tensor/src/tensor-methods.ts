// Written by `pnpm methods` from the functions in ops/index.ts; a test compares.
import type { DType, Shape } from "@thalweg/kernels";
import type { Sorted, SortOptions, TopkOptions } from "./ops/index/sort";
import type { PadOptions } from "./ops/join/copies";
import type { GELUOptions, SoftplusOptions } from "./ops/map/activation";
import type { Operand } from "./ops/pointwise";
import type { NormOptions } from "./ops/reduce/norms";
import type { Dims, ReduceOptions } from "./ops/reduce/reduction";
import type { VarianceOptions } from "./ops/reduce/sums";
import type { DiagonalOptions, Range } from "./ops/view/slice";
import type { Tensor } from "./tensor";

/** The operations as methods of Tensor. */
export interface OperationMethods {
  /** |x|, with gradient 0 at 0. */
  abs(): Tensor;
  /** Inverse cosine, in radians; NaN outside of [-1, 1]. */
  acos(): Tensor;
  /** a + b, element by element; operands broadcast. */
  add(b: Operand): Tensor;
  /** x += other, in place; returns x. Throws for a leaf that requires grad, except within `noGrad`. */
  add_(other: Operand): Tensor;
  /** Whether all elements over `dim` (all dimensions unless given) are nonzero. The result is bool. */
  all(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Largest element over `dim` (all dimensions unless given); NaN if any element is NaN. Ties share the gradient evenly. */
  amax(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Smallest element over `dim` (all dimensions unless given); NaN if any element is NaN. Ties share the gradient evenly. */
  amin(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Whether any element over `dim` (all dimensions unless given) is nonzero. The result is bool. */
  any(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * Index of the largest element along `dim`, or in the flattened tensor unless `dim` is given. Of equal elements the first
   * counts. The result is int32.
   */
  argmax(dim?: number, options?: ReduceOptions): Tensor;
  /**
   * Index of the smallest element along `dim`, or in the flattened tensor unless `dim` is given; otherwise like {@link
   * argmax}.
   */
  argmin(dim?: number, options?: ReduceOptions): Tensor;
  /** Inverse sine, in radians; NaN outside of [-1, 1]. */
  asin(): Tensor;
  /** Inverse tangent, in radians. */
  atan(): Tensor;
  /** Angle of the point (b, a), in radians from -π to π. */
  atan2(b: Operand): Tensor;
  /** Products of two batches of matrices: [b, m, k] x [b, k, n] -> [b, m, n]. Nothing broadcasts. */
  bmm(b: Tensor): Tensor;
  /** Smallest whole number not below x. The gradient is 0. */
  ceil(): Tensor;
  /**
   * x above 0, `alpha`·(e^(x/alpha) - 1) elsewhere (Barron, 2017); `alpha` is 1 unless given.
   *
   * @throws ThalwegError when alpha is 0.
   */
  celu(alpha?: number): Tensor;
  /**
   * Splits along `dim` (the first dimension unless given) into at most `count` equal pieces with a smaller last one; an
   * empty dimension into exactly `count`. Views.
   */
  chunk(count: number, dim?: number): Tensor[];
  /**
   * Limits elements to `[min, max]`. `min` and `max` limit nothing unless given; null limits nothing either. Where `min > max`
   * the result is `max`. It is NaN where any operand is NaN. The gradient of x is 1 within the bounds and on them, and 0
   * outside.
   *
   * @throws ThalwegError when both bounds are missing.
   * @example
   * tensor([-2, 0.5, 2]).clamp(-1, 1).toArray(); // → [-1,0.5,1]
   */
  clamp(min?: Operand | null, max?: Operand | null): Tensor;
  /** Limits the elements to `[min, max]` in place; returns x. `min` and `max` limit nothing unless given, but one must be given. */
  clamp_(min?: number | null, max?: number | null): Tensor;
  /** A copy of the tensor with memory of its own. The gradient passes through. */
  clone(): Tensor;
  /** Overwrites the elements with those of `source`, which broadcasts; returns x. */
  copy_(source: Tensor): Tensor;
  /** Cosine of an angle in radians. */
  cos(): Tensor;
  /** Hyperbolic cosine. */
  cosh(): Tensor;
  /** Cumulative product along `dim`. */
  cumprod(dim: number): Tensor;
  /** Cumulative sum along `dim`. */
  cumsum(dim: number): Tensor;
  /**
   * The diagonal of two dimensions, as the last dimension. A view. `dim1` and `dim2` are the first two dimensions unless
   * given. `offset` counts from the main diagonal and is 0 unless given.
   */
  diagonal(options?: DiagonalOptions): Tensor;
  /** a / b. Division by zero is an infinity or NaN, as in IEEE 754. */
  div(b: Operand): Tensor;
  /** x /= other, in place; returns x. */
  div_(other: Operand): Tensor;
  /** Dot product of two vectors of the same length. */
  dot(b: Tensor): Tensor;
  /** x above 0, `alpha`·(eˣ - 1) elsewhere (Clevert et al., 2015); `alpha` is 1 unless given. */
  elu(alpha?: number): Tensor;
  /**
   * Looks up rows of `weight` [n, d] for an index of any shape: [...] -> [..., d].
   *
   * @example
   * embedding(tensor([1, 0, 1]), tensor([[1, 2], [3, 4]])).toArray(); // → [[3,4],[1,2],[3,4]]
   */
  embedding(weight: Tensor): Tensor;
  /** Whether a = b, element by element: a tensor of type bool. Comparisons have no gradient. */
  eq(b: Operand): Tensor;
  /** Error function, 2/√π ∫₀ˣ e^(-t²) dt. */
  erf(): Tensor;
  /** eˣ. */
  exp(): Tensor;
  /** Repeats dimensions of extent 1 without copying; -1 keeps an extent. A view. */
  expand(shape: Shape): Tensor;
  /** eˣ - 1, exact near 0. */
  expm1(): Tensor;
  /** Sets every element; returns x. */
  fill_(value: number): Tensor;
  /**
   * Merges the dimensions from `start` to `end`, both included; the first and the last unless given. A view where the
   * strides allow it, otherwise a copy.
   */
  flatten(start?: number, end?: number): Tensor;
  /** The elements in reverse order along the dims. A view. */
  flip(dims: number | readonly number[]): Tensor;
  /** Largest whole number not above x. The gradient is 0. */
  floor(): Tensor;
  /**
   * Gathers one element along `dim` for each element of `index`: `out[i][j] = x[index[i][j]][j]` for dim 0.
   * The gradients of duplicates are summed.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * tensor([[1, 2], [3, 4]]).gather(1, tensor([[0, 0], [1, 0]])).toArray(); // → [[1,1],[4,3]]
   */
  gather(dim: number, index: Tensor): Tensor;
  /** Whether a ≥ b. */
  ge(b: Operand): Tensor;
  /** x·Φ(x) (Hendrycks and Gimpel, 2016). `approximate: "tanh"` uses their approximation; `"none"` unless given. */
  gelu(options?: GELUOptions): Tensor;
  /** Whether a > b. */
  gt(b: Operand): Tensor;
  /** relu6(x + 3)/6. */
  hardsigmoid(): Tensor;
  /** x·hardsigmoid(x) (Howard et al., 2019). */
  hardswish(): Tensor;
  /**
   * Limits x to `[min, max]`. Unlike {@link clamp} it has gradient 0 at the limits; `min` is -1 and `max` 1 unless given.
   *
   * @throws ThalwegError when min exceeds max.
   */
  hardtanh(min?: number, max?: number): Tensor;
  /** Selects the positions in the vector `index` along `dim`. A copy. */
  indexSelect(dim: number, index: Tensor): Tensor;
  /** Whether x is neither infinite nor NaN. */
  isFinite(): Tensor;
  /** Whether x is NaN. */
  isNaN(): Tensor;
  /** Whether a ≤ b. */
  le(b: Operand): Tensor;
  /** x above 0, `negativeSlope`·x elsewhere; `negativeSlope` is 0.01 unless given. */
  leakyRelu(negativeSlope?: number): Tensor;
  /** a + c·(b - a), where c is the weight: exactly a at weight 0, and b at weight 1. */
  lerp(b: Operand, c: Operand): Tensor;
  /** Natural logarithm; -∞ at 0, NaN below 0. */
  log(): Tensor;
  /** Logarithm to base 10. */
  log10(): Tensor;
  /** log(1 + x), exact near 0. */
  log1p(): Tensor;
  /** Logarithm to base 2. */
  log2(): Tensor;
  /** log(sigmoid(x)), without overflow. */
  logSigmoid(): Tensor;
  /** log(softmax(x)) along `dim`, without overflow. */
  logSoftmax(dim: number): Tensor;
  /** Whether both are nonzero. */
  logicalAnd(b: Operand): Tensor;
  /** Whether x is 0. */
  logicalNot(): Tensor;
  /** Whether either is nonzero. */
  logicalOr(b: Operand): Tensor;
  /** log Σ eˣ over `dim` (all dimensions unless given), without overflow. */
  logsumexp(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Whether a < b. */
  lt(b: Operand): Tensor;
  /** A copy of `x` with `value` where `mask` is nonzero, in the type of `x`. */
  maskedFill(mask: Tensor, value: Operand): Tensor;
  /**
   * Matrix product. Vectors: [n] x [n] -> [], [n] x [..., n, p] -> [..., p], [..., m, n] x [n] -> [..., m];
   * matrices [..., m, k] x [..., k, n] -> [..., m, n], with leading dimensions that broadcast.
   *
   * @throws ShapeError when the inner sizes differ or the leading dimensions do not broadcast.
   * @example
   * tensor([[1, 2], [3, 4]]).matmul(tensor([[1], [1]])).toArray(); // → [[3],[7]]
   */
  matmul(b: Tensor): Tensor;
  /**
   * Largest element along `dim`, or of all unless `dim` is given; NaN if any element is NaN. Along `dim` the first of equal
   * elements takes the gradient; over all, ties share it evenly. {@link amax} takes several dims.
   *
   * @example
   * tensor([[1, 5], [7, 2]]).max(1).toArray(); // → [5,7]
   */
  max(dim?: number, options?: ReduceOptions): Tensor;
  /** The larger of a and b; NaN if either is NaN. Ties share the gradient evenly. */
  maximum(b: Operand): Tensor;
  /** Arithmetic mean over `dim` (all dimensions unless given); NaN for no elements. */
  mean(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * Smallest element along `dim`, or of all unless `dim` is given; NaN if any element is NaN. Along `dim` the first of equal
   * elements takes the gradient; over all, ties share it evenly. {@link amin} takes several dims.
   */
  min(dim?: number, options?: ReduceOptions): Tensor;
  /** The smaller of a and b; NaN if either is NaN. Ties share the gradient evenly. */
  minimum(b: Operand): Tensor;
  /** x·tanh(softplus(x)) (Misra, 2019). */
  mish(): Tensor;
  /** a · b, element by element. */
  mul(b: Operand): Tensor;
  /** x *= other, in place; returns x. */
  mul_(other: Operand): Tensor;
  /** `length` elements from `start` on along `dim`. A view. */
  narrow(dim: number, start: number, length: number): Tensor;
  /** Whether a ≠ b. True where either is NaN. */
  ne(b: Operand): Tensor;
  /** -x. */
  neg(): Tensor;
  /**
   * (Σ|x|ᵖ)^(1/p) over `dim` (all dimensions unless given). For p = ∞ it is the largest |x|, for p = 0 the number of nonzero
   * elements. The gradient is 0 where the norm is 0.
   */
  norm(dim?: Dims, options?: NormOptions): Tensor;
  /**
   * Encodes each index as a vector of length `classes` with a single 1: [...] -> [..., classes]. `classes` is one more than the largest
   * index unless given.
   *
   * @throws IndexError when an index is not a whole number below `classes`, or there are no classes; DeviceError without `classes` on
   * WebGPU, where `oneHotAsync` works.
   * @example
   * tensor([2, 0]).oneHot(3).toArray(); // → [[0,0,1],[1,0,0]]
   */
  oneHot(classes?: number): Tensor;
  /** All products of the elements of two vectors: [m], [n] -> [m, n]. */
  outer(b: Tensor): Tensor;
  /**
   * Pads with `pads` elements before and after: `[left, right, top, bottom, ...]`, the last dimension first. Negative counts
   * crop; the mode `"circular"` then repeats the elements that are left. A copy.
   *
   * @example
   * tensor([1, 2, 3]).pad([1, 1], { mode: "reflect" }).toArray(); // → [2,1,2,3,2]
   */
  pad(pads: readonly number[], options?: PadOptions): Tensor;
  /** Reorders the dimensions. A view. */
  permute(dims: readonly number[]): Tensor;
  /**
   * a to the power b. A negative base with a fractional exponent is NaN. At base 0 the gradient of the exponent is 0, and
   * that of the base is 0 for b = 0 and b > 1.
   *
   * @example
   * tensor([1, 2, 3]).pow(2).toArray(); // → [1,4,9]
   */
  pow(b: Operand): Tensor;
  /**
   * Product over `dim` (all dimensions unless given); 1 for no elements. Gradients of every order are correct where elements
   * are 0, too.
   */
  prod(dim?: Dims, options?: ReduceOptions): Tensor;
  /** 1/x. */
  reciprocal(): Tensor;
  /** max(x, 0), with gradient 0 at 0. */
  relu(): Tensor;
  /** min(max(x, 0), 6), with gradient 0 at both ends. */
  relu6(): Tensor;
  /** Remainder of a / b with the sign of b: a - b·⌊a/b⌋. */
  remainder(b: Operand): Tensor;
  /**
   * Repeats the tensor `counts[d]` times along each dimension. Extra counts add leading dimensions. A copy.
   *
   * @example
   * tensor([1, 2]).repeat([2, 2]).toArray(); // → [[1,2,1,2],[1,2,1,2]]
   */
  repeat(counts: readonly number[]): Tensor;
  /**
   * The same elements in another shape. One size may be -1, which is inferred. A view where the strides allow it, otherwise
   * a copy.
   *
   * @example
   * tensor([1, 2, 3, 4, 5, 6]).reshape([2, -1]).shape; // → [2,3]
   */
  reshape(shape: Shape): Tensor;
  /**
   * Shifts elements by `shift` along `dim`, with those past the end wrapped around; in the flattened tensor unless
   * `dim` is given. A copy.
   */
  roll(shift: number | readonly number[], dim?: number | readonly number[]): Tensor;
  /** Nearest whole number, with halves rounded to even. The gradient is 0. */
  round(): Tensor;
  /** 1/√x. */
  rsqrt(): Tensor;
  /** Adds the elements of `src` to a copy of `x`, at the positions in `index` along `dim`. Duplicates are summed. */
  scatterAdd(dim: number, index: Tensor, src: Tensor): Tensor;
  /** The elements at one position along `dim`, without that dimension. A view. */
  select(dim: number, index: number): Tensor;
  /** Self-normalising, scaled {@link elu} (Klambauer et al., 2017). */
  selu(): Tensor;
  /** Logistic function 1/(1 + e⁻ˣ). */
  sigmoid(): Tensor;
  /** -1, 0 or 1; 0 for NaN, as in PyTorch. The gradient is 0. */
  sign(): Tensor;
  /** x·sigmoid(x), also called swish. */
  silu(): Tensor;
  /** Sine of an angle in radians. */
  sin(): Tensor;
  /** Hyperbolic sine. */
  sinh(): Tensor;
  /**
   * Takes one range for each dimension, from the first on; the other dimensions are kept whole. Ends are not included,
   * negative positions count from the end, and a negative step goes backwards. A view.
   *
   * @example
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.slice(null, [0, 2]).toArray(); // → [[1,2],[4,5]]
   * x.slice(1).toArray(); // → [4,5,6]
   * x.slice(0, [null, null, -1]).toArray(); // → [3,2,1]
   */
  slice(...ranges: Range[]): Tensor;
  /** eˣ/Σeˣ along `dim`: nonnegative numbers with sum 1. */
  softmax(dim: number): Tensor;
  /**
   * log(1 + e^(`beta`·x))/`beta`, and x itself where `beta`·x exceeds `threshold`; `beta` is 1 and `threshold` 20
   * unless given.
   */
  softplus(options?: SoftplusOptions): Tensor;
  /** x/(1 + |x|). */
  softsign(): Tensor;
  /**
   * Sorts along `dim` (the last unless given), ascending unless `descending` is true. NaN counts as the largest, and equal
   * elements keep their order. The indices are int32.
   *
   * @example
   * const { values, indices } = tensor([3, 1, 2]).sort(0);
   * values.toArray(); // → [1,2,3]
   * indices.toArray(); // → [1,2,0]
   */
  sort(dim?: number, options?: SortOptions): Sorted;
  /**
   * Splits along `dim` (the first dimension unless given), into pieces of `size` with a smaller last one, or of the
   * listed sizes. Views.
   */
  split(size: number | readonly number[], dim?: number): Tensor[];
  /** √x; NaN below 0. */
  sqrt(): Tensor;
  /** x². */
  square(): Tensor;
  /**
   * Removes dimensions of extent 1: those in `dim`, or all of them unless given. Other dimensions in `dim` are kept. A
   * view.
   */
  squeeze(dim?: number | readonly number[]): Tensor;
  /** Standard deviation over `dim` (all dimensions unless given), the root of {@link var}. The gradient is 0 where it is 0. */
  std(dim?: Dims, options?: VarianceOptions): Tensor;
  /** a - b. */
  sub(b: Operand): Tensor;
  /** x -= other, in place; returns x. */
  sub_(other: Operand): Tensor;
  /** Sum over `dim` (all dimensions unless given); 0 for no elements. */
  sum(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Tangent of an angle in radians. */
  tan(): Tensor;
  /** Hyperbolic tangent. */
  tanh(): Tensor;
  /** Does the same as {@link repeat}, but missing counts on the left are 1. */
  tile(counts: readonly number[]): Tensor;
  /**
   * Converts the tensor to another element type (`"float32"`, `"float64"`, `"int32"`, `"bool"`) or moves it to another
   * device (`"cpu"`, `"webgpu"`). Returns the tensor itself if nothing changes, otherwise a copy. Floats are truncated to
   * int32 and limited to its range, and NaN becomes 0. As a bool, every number but 0 is true. The gradient is converted
   * back.
   *
   * @example
   * tensor([1.9, -1.9]).to("int32").toArray(); // → [1,-1]
   */
  to(target: DType | (string & {})): Tensor;
  /**
   * Does the same as {@link to}, also from a device that cannot be read synchronously. The result is always a copy, without
   * history: nothing is recorded.
   *
   * @example
   * const x = await tensor([1, 2]).toAsync("float64");
   * x.dtype; // → "float64"
   */
  toAsync(target: DType | (string & {})): Promise<Tensor>;
  /** The `k` largest elements along `dim` (the last unless given), in descending order, or the smallest. NaN counts as the largest. */
  topk(k: number, dim?: number, options?: TopkOptions): Sorted;
  /** Swaps two dimensions. A view. */
  transpose(dim0: number, dim1: number): Tensor;
  /** The lower triangle of the last two dimensions, up to `diagonal` (0, the main one, unless given); 0 elsewhere. */
  tril(diagonal?: number): Tensor;
  /** The upper triangle of the last two dimensions, from `diagonal` (0, the main one, unless given) on; 0 elsewhere. */
  triu(diagonal?: number): Tensor;
  /** Whole part, towards 0. The gradient is 0. */
  trunc(): Tensor;
  /** Splits into the positions along `dim` (the first dimension unless given), each without that dimension. Views. */
  unbind(dim?: number): Tensor[];
  /** Windows of `size` along `dim`, at a distance of `step`. The elements of a window become the last dimension. A view. */
  unfold(dim: number, size: number, step: number): Tensor;
  /** Inserts a dimension of extent 1 before `dim`. A view. */
  unsqueeze(dim: number): Tensor;
  /**
   * Variance over `dim` (all dimensions unless given): Σ(x - mean)²/(n - `correction`), with `correction` 1 unless given.
   *
   * @example
   * tensor([1, 2, 3, 4]).var(undefined, { correction: 0 }).item(); // → 1.25
   */
  var(dim?: Dims, options?: VarianceOptions): Tensor;
  /** Sets every element to 0; returns x. */
  zero_(): Tensor;
}
