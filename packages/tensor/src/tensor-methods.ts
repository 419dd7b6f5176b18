// Written by `pnpm methods` from the functions in ops/index.ts; a test compares.
import type { DType, Shape } from "@thalweg/kernels";
import type { Sorted, SortOptions } from "./ops/index/sort";
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
  /** x += other, in place; returns x. Throws on a leaf that requires grad, outside of noGrad. */
  add_(other: Operand): Tensor;
  /** 1 where all elements over `dim` (all dimensions unless given) are nonzero, else 0. */
  all(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Largest element over `dim` (all dimensions unless given); NaN if any is. Ties share the gradient evenly. */
  amax(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Smallest element over `dim` (all dimensions unless given); NaN if any is. Ties share the gradient evenly. */
  amin(dim?: Dims, options?: ReduceOptions): Tensor;
  /** 1 where any element over `dim` (all dimensions unless given) is nonzero, else 0. */
  any(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * Index of the largest element along `dim`, the first of equals; of the flattened tensor unless `dim` is given. It is
   * an int32.
   */
  argmax(dim?: number, options?: ReduceOptions): Tensor;
  /** Index of the smallest element along `dim`, of the flattened tensor unless given; otherwise as {@link argmax}. */
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
  /** At most `count` pieces of equal size along `dim` (the first dimension unless given); the last may be smaller. Of an empty dim, exactly `count`. Views. */
  chunk(count: number, dim?: number): Tensor[];
  /**
   * Limits elements to `[min, max]`; `min` and `max` limit nothing unless given, or if they are null. Where `min > max` the
   * result is `max`; where anything is NaN, it is NaN. The gradient of x is 1 within the bounds and on them, 0 outside.
   *
   * @throws ThalwegError when both bounds are missing.
   * @example
   * tensor([-2, 0.5, 2]).clamp(-1, 1).toArray(); // → [-1,0.5,1]
   */
  clamp(min?: Operand | null, max?: Operand | null): Tensor;
  /** Limits the elements to `[min, max]` in place; returns x. `min` and `max` limit nothing unless given; one has to be. */
  clamp_(min?: number | null, max?: number | null): Tensor;
  /** Copies elements; the only operation that changes nothing. */
  clone(): Tensor;
  /** Overwrites the elements with those of `source`, which broadcasts; returns x. */
  copy_(source: Tensor): Tensor;
  /** Cosine of an angle in radians. */
  cos(): Tensor;
  /** Hyperbolic cosine. */
  cosh(): Tensor;
  /** Product of the elements up to each, along `dim`. */
  cumprod(dim: number): Tensor;
  /** Sum of the elements up to each, along `dim`. */
  cumsum(dim: number): Tensor;
  /**
   * A diagonal of two dimensions, as the last dimension. A view. `dim1` and `dim2` are the first two unless given; `offset`
   * counts from the main diagonal and is 0 unless given.
   */
  diagonal(options?: DiagonalOptions): Tensor;
  /** a / b; division by zero gives an infinity or NaN, as IEEE 754 has it. */
  div(b: Operand): Tensor;
  /** x /= other, in place; returns x. */
  div_(other: Operand): Tensor;
  /** Scalar product of two vectors of one length. */
  dot(b: Tensor): Tensor;
  /** x above 0, `alpha`·(eˣ - 1) elsewhere (Clevert et al., 2015); `alpha` is 1 unless given. */
  elu(alpha?: number): Tensor;
  /**
   * Rows of `weight` [n, d] for an index of any shape: [...] -> [..., d].
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
  /** Merges the dimensions from `start` to `end`, both included; the first and the last unless given. */
  flatten(start?: number, end?: number): Tensor;
  /** The elements in reverse order along the dims. A view. */
  flip(dims: number | readonly number[]): Tensor;
  /** Largest whole number not above x. The gradient is 0. */
  floor(): Tensor;
  /**
   * Picks one element for each place of `index`, along `dim`: `out[i][j] = x[index[i][j]][j]` for dim 0.
   * The gradient of duplicates adds up.
   *
   * @throws IndexError when an index is not a whole number within the dimension.
   * @example
   * tensor([[1, 2], [3, 4]]).gather(1, tensor([[0, 0], [1, 0]])).toArray(); // → [[1,1],[4,3]]
   */
  gather(dim: number, index: Tensor): Tensor;
  /** Whether a ≥ b. */
  ge(b: Operand): Tensor;
  /** x·Φ(x) (Hendrycks and Gimpel, 2016); `approximate: "tanh"` takes their approximation, `"none"` unless given. */
  gelu(options?: GELUOptions): Tensor;
  /** Whether a > b. */
  gt(b: Operand): Tensor;
  /** relu6(x + 3)/6. */
  hardsigmoid(): Tensor;
  /** x·hardsigmoid(x) (Howard et al., 2019). */
  hardswish(): Tensor;
  /**
   * Limits to `[min, max]` as {@link clamp} does, but with gradient 0 at the limits; `min` is -1 and `max` 1 unless given.
   *
   * @throws ThalwegError when min exceeds max.
   */
  hardtanh(min?: number, max?: number): Tensor;
  /** The positions listed in the vector `index`, along `dim`. */
  indexSelect(dim: number, index: Tensor): Tensor;
  /** Whether x is neither infinite nor NaN. */
  isFinite(): Tensor;
  /** Whether x is NaN. */
  isNaN(): Tensor;
  /** Whether a ≤ b. */
  le(b: Operand): Tensor;
  /** x above 0, `negativeSlope`·x elsewhere; `negativeSlope` is 0.01 unless given. */
  leakyRelu(negativeSlope?: number): Tensor;
  /** a + weight·(b - a): exactly a at weight 0 and b at weight 1. */
  lerp(b: Operand, c: Operand): Tensor;
  /** Natural logarithm; -∞ at 0, NaN below. */
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
  /** `x` with `value` where `mask` is nonzero, in the type of `x`. */
  maskedFill(mask: Tensor, value: Operand): Tensor;
  /**
   * Matrix product. Vectors: [n] x [n] -> [], [n] x [..., n, p] -> [..., p], [..., m, n] x [n] -> [..., m];
   * matrices [..., m, k] x [..., k, n] -> [..., m, n], whose leading dimensions broadcast.
   *
   * @throws ShapeError when the inner sizes differ or the leading dimensions do not broadcast.
   * @example
   * tensor([[1, 2], [3, 4]]).matmul(tensor([[1], [1]])).toArray(); // → [[3],[7]]
   */
  matmul(b: Tensor): Tensor;
  /**
   * Largest element: of all unless `dim` is given (ties share the gradient), or along one `dim` (the first of equals
   * takes the gradient). NaN if any is. Several dims: {@link amax}.
   *
   * @example
   * tensor([[1, 5], [7, 2]]).max(1).toArray(); // → [5,7]
   */
  max(dim?: number, options?: ReduceOptions): Tensor;
  /** The larger of both; NaN if either is. Ties share the gradient evenly. */
  maximum(b: Operand): Tensor;
  /** Arithmetic mean over `dim` (all dimensions unless given); NaN of nothing. */
  mean(dim?: Dims, options?: ReduceOptions): Tensor;
  /**
   * Smallest element: of all unless `dim` is given (ties share the gradient), or along one `dim` (the first of equals
   * takes it).
   */
  min(dim?: number, options?: ReduceOptions): Tensor;
  /** The smaller of both; NaN if either is. Ties share the gradient evenly. */
  minimum(b: Operand): Tensor;
  /** x·tanh(softplus(x)) (Misra, 2019). */
  mish(): Tensor;
  /** a · b, element by element. */
  mul(b: Operand): Tensor;
  /** x *= other, in place; returns x. */
  mul_(other: Operand): Tensor;
  /** `length` elements from `start` on along `dim`. A view. */
  narrow(dim: number, start: number, length: number): Tensor;
  /** Whether a ≠ b (also where either is NaN). */
  ne(b: Operand): Tensor;
  /** -x. */
  neg(): Tensor;
  /**
   * (Σ|x|ᵖ)^(1/p) over `dim` (all dimensions unless given); for p = ∞ the largest |x|, for 0 the number of nonzeros. At 0
   * the gradient is 0.
   */
  norm(dim?: Dims, options?: NormOptions): Tensor;
  /**
   * For each index a vector of length `classes` with a single 1: [...] -> [..., classes].
   *
   * @throws IndexError when an index is not a whole number below `classes`, or there are no classes.
   * @example
   * tensor([2, 0]).oneHot(3).toArray(); // → [[0,0,1],[1,0,0]]
   */
  oneHot(classes: number): Tensor;
  /** All products of the elements of two vectors: [m], [n] -> [m, n]. */
  outer(b: Tensor): Tensor;
  /**
   * Adds `pads` elements before and after: `[left, right, top, bottom, ...]`, the last dimension first.
   * Negative counts cut off; what is circular repeats what is left.
   *
   * @example
   * tensor([1, 2, 3]).pad([1, 1], { mode: "reflect" }).toArray(); // → [2,1,2,3,2]
   */
  pad(pads: readonly number[], options?: PadOptions): Tensor;
  /** Reorders the dimensions. A view. */
  permute(dims: readonly number[]): Tensor;
  /**
   * a to the power b. A negative base needs a whole exponent, else the result is NaN.
   * At base 0 the gradient of the base is 0 for b = 0 and b > 1; the gradient of the exponent is 0 there.
   *
   * @example
   * tensor([1, 2, 3]).pow(2).toArray(); // → [1,4,9]
   */
  pow(b: Operand): Tensor;
  /**
   * Product over `dim` (all dimensions unless given); 1 of nothing. Right also where elements are 0, to every order of the
   * gradient.
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
   * The whole tensor, `counts[d]` times along each dimension; extra counts make new leading dimensions.
   *
   * @example
   * tensor([1, 2]).repeat([2, 2]).toArray(); // → [[1,2,1,2],[1,2,1,2]]
   */
  repeat(counts: readonly number[]): Tensor;
  /**
   * The same elements in another shape; one size may be -1 and is inferred. A view where the strides allow
   * it, a copy elsewhere.
   *
   * @example
   * tensor([1, 2, 3, 4, 5, 6]).reshape([2, -1]).shape; // → [2,3]
   */
  reshape(shape: Shape): Tensor;
  /** Moves elements by `shift` places along `dim`, those that leave come in at the other end; without `dim`, flattened. */
  roll(shift: number | readonly number[], dim?: number | readonly number[]): Tensor;
  /** Nearest whole number, halves to the even one. The gradient is 0. */
  round(): Tensor;
  /** 1/√x. */
  rsqrt(): Tensor;
  /** `x` with the elements of `src` added at the places of `index` along `dim`; duplicates add up. A copy. */
  scatterAdd(dim: number, index: Tensor, src: Tensor): Tensor;
  /** One position along `dim`, without that dimension. A view. */
  select(dim: number, index: number): Tensor;
  /** Self-normalising scaled elu (Klambauer et al., 2017). */
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
   * One range for each dimension from the first on; those not named are kept whole. Ends are not included,
   * negative positions count from the end, and a negative step walks backwards. A view.
   *
   * @example
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.slice(null, [0, 2]).toArray(); // → [[1,2],[4,5]]
   * x.slice(1).toArray(); // → [4,5,6]
   * x.slice(0, [null, null, -1]).toArray(); // → [3,2,1]
   */
  slice(...ranges: Range[]): Tensor;
  /** eˣ/Σeˣ along `dim`: positive numbers that add up to 1. */
  softmax(dim: number): Tensor;
  /** log(1 + e^(`beta`·x))/`beta`, and x itself where `beta`·x exceeds `threshold`; `beta` is 1 and `threshold` 20 unless given. */
  softplus(options?: SoftplusOptions): Tensor;
  /** x/(1 + |x|). */
  softsign(): Tensor;
  /**
   * The elements in order along `dim` (the last unless given), NaN as the largest; equals keep their order. From the
   * smallest on unless `descending` is true.
   * The indices are int32.
   *
   * @example
   * const { values, indices } = tensor([3, 1, 2]).sort(0);
   * values.toArray(); // → [1,2,3]
   * indices.toArray(); // → [1,2,0]
   */
  sort(dim?: number, options?: SortOptions): Sorted;
  /** Pieces of `size` along `dim`, the first dimension unless given (the last piece may be smaller), or of the sizes listed. Views. */
  split(size: number | readonly number[], dim?: number): Tensor[];
  /** √x; NaN below 0. */
  sqrt(): Tensor;
  /** x². */
  square(): Tensor;
  /** Drops dimensions of extent 1: all of them unless `dim` names some (others that it names stay as they are). A view. */
  squeeze(dim?: number | readonly number[]): Tensor;
  /** Standard deviation over `dim` (all dimensions unless given), the root of {@link var}. Where it is 0, so is its gradient. */
  std(dim?: Dims, options?: VarianceOptions): Tensor;
  /** a - b. */
  sub(b: Operand): Tensor;
  /** x -= other, in place; returns x. */
  sub_(other: Operand): Tensor;
  /** Sum over `dim` (all dimensions unless given); 0 of nothing. */
  sum(dim?: Dims, options?: ReduceOptions): Tensor;
  /** Tangent of an angle in radians. */
  tan(): Tensor;
  /** Hyperbolic tangent. */
  tanh(): Tensor;
  /** As {@link repeat}, but missing counts are taken as 1, from the left. */
  tile(counts: readonly number[]): Tensor;
  /**
   * The tensor in another element type (`"float32"`, `"float64"`, `"int32"`, `"bool"`) or on another device
   * (`"cpu"`); itself when it is there already, else a copy. A float that becomes an int is cut off towards 0, at
   * the extremes of int32 and with 0 for NaN; what is not 0 becomes true. The gradient goes back the same way.
   *
   * @example
   * tensor([1.9, -1.9]).to("int32").toArray(); // → [1,-1]
   */
  to(target: DType | (string & {})): Tensor;
  /**
   * As {@link to}, also from a device that answers later. A copy without history: nothing is recorded.
   *
   * @example
   * const x = await tensor([1, 2]).toAsync("float64");
   * x.dtype; // → "float64"
   */
  toAsync(target: DType | (string & {})): Promise<Tensor>;
  /** The `k` largest elements along `dim` (the last unless given), in descending order. */
  topk(k: number, dim?: number): Sorted;
  /** Swaps two dimensions. A view. */
  transpose(dim0: number, dim1: number): Tensor;
  /** The lower triangle of the last two dimensions, up to `diagonal` (0, the main one, unless given); 0 elsewhere. */
  tril(diagonal?: number): Tensor;
  /** The upper triangle of the last two dimensions, from `diagonal` (0, the main one, unless given) on; 0 elsewhere. */
  triu(diagonal?: number): Tensor;
  /** Whole part, towards 0. The gradient is 0. */
  trunc(): Tensor;
  /** Every position along `dim` (the first dimension unless given), each without that dimension. Views. */
  unbind(dim?: number): Tensor[];
  /** Windows of `size`, `step` apart, along `dim`; the elements of a window become the last dimension. A view. */
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
