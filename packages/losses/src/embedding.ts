import { type Expr, mul, type Pointwise, pointwise, ShapeError, sum, type Tensor } from "@thalweg/tensor";
import { finite, formatShape, operation, sameShape } from "@thalweg/tensor/internal";
import {
  checkSameShape,
  elementwise,
  inputAndTarget,
  type LossOptions,
  type Reduced,
  reduce,
  signature,
} from "./reduce";

/** max(x, 0), with gradient 1 at 0, as in PyTorch's versions of these losses. */
export const positivePart = (x: Expr) => x.lt(0).choose(0, x);

/** Options of the losses that have a margin. */
export interface MarginOptions extends LossOptions {
  /**
   * The distance wanted between dissimilar inputs; 1 unless given in {@link hingeEmbeddingLoss} and
   * {@link tripletMarginLoss}, 0 in the others.
   */
  readonly margin?: number;
}

const marginOptions = { margin: finite };

const hinge: Reduced = /* @__PURE__ */ elementwise("hingeEmbeddingLoss", (x: Expr, t: Expr, margin: Expr) => {
  const near = t.eq(-1).choose(0, x);
  return t.eq(1).choose(near, near.add(positivePart(margin.sub(x))));
});

/**
 * Loss of distances: the input itself where the target is 1 (similar), max(0, margin - input) where it is -1.
 * Input and target: any one shape. `margin` is 1 unless given.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * hingeEmbeddingLoss(tensor([0.25, 0.25, 3]), tensor([1, -1, -1]), { reduction: "none" }).toArray(); // → [0.25,0.75,0]
 */
export const hingeEmbeddingLoss: (input: Tensor, target: Tensor, options?: MarginOptions) => Tensor =
  /* @__PURE__ */ operation(
    "hingeEmbeddingLoss",
    /* @__PURE__ */ signature(inputAndTarget, marginOptions),
    (input: Tensor, target: Tensor, { margin = 1, reduction }: MarginOptions = {}): Tensor => {
      checkSameShape("hingeEmbeddingLoss", input, target);
      return hinge(reduction, [input, target, margin]);
    },
  );

const ranking: Reduced = /* @__PURE__ */ elementwise(
  "marginRankingLoss",
  (a: Expr, b: Expr, t: Expr, margin: Expr) => positivePart(margin.sub(t.mul(a.sub(b)))),
);

/**
 * max(0, margin - target·(x1 - x2)): the target says which of two scores should be the larger, 1 the first,
 * -1 the second. All three have one shape. `margin` is 0 unless given.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * marginRankingLoss(tensor([3, 3]), tensor([1, 1]), tensor([1, -1]), { reduction: "none" }).toArray(); // → [0,2]
 */
export const marginRankingLoss: (x1: Tensor, x2: Tensor, target: Tensor, options?: MarginOptions) => Tensor =
  /* @__PURE__ */ operation(
    "marginRankingLoss",
    /* @__PURE__ */ signature(["x1", "x2", "target"], marginOptions),
    (x1: Tensor, x2: Tensor, target: Tensor, { margin = 0, reduction }: MarginOptions = {}): Tensor => {
      checkSameShape("marginRankingLoss", x1, x2, "x1 and x2");
      checkSameShape("marginRankingLoss", x1, target, "x1 and target");
      return ranking(reduction, [x1, x2, target, margin]);
    },
  );

/** PyTorch's value, rounded to float32 in every precision. */
const leastSquare = /* @__PURE__ */ Math.fround(1e-12);

const cosine: Pointwise<[dot: Expr, square1: Expr, square2: Expr, t: Expr, margin: Expr]> =
  /* @__PURE__ */ pointwise(
    "cosineEmbeddingLoss",
    (dot, square1, square2, t, margin) => {
      // The roots are taken before the product, which may overflow.
      const cos = dot.div(square1.add(leastSquare).sqrt().mul(square2.add(leastSquare).sqrt()));
      return t.eq(1).choose(cos.rsub(1), t.eq(-1).choose(positivePart(cos.sub(margin)), 0));
    },
    {
      domain: [
        { min: -2, max: 2 },
        { min: 0.5, max: 2 },
        { min: 0.5, max: 2 },
      ],
    },
  );

/**
 * Loss of the angle between vectors: 1 - cos where the target is 1 (similar), max(0, cos - margin) where it is -1.
 * [batch, features] twice and [batch], or [features] twice and []. `margin` is 0 unless given.
 *
 * @throws ShapeError when the shapes do not fit.
 * @example
 * const [a, b] = [tensor([[1, 0], [1, 0]]), tensor([[0, 1], [1, 0]])];
 * cosineEmbeddingLoss(a, b, tensor([1, -1]), { reduction: "none" }).toArray(); // → [1,1]
 */
export const cosineEmbeddingLoss: (
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options?: MarginOptions,
) => Tensor = /* @__PURE__ */ operation(
  "cosineEmbeddingLoss",
  /* @__PURE__ */ signature(["x1", "x2", "target"], marginOptions),
  (x1: Tensor, x2: Tensor, target: Tensor, { margin = 0, reduction }: MarginOptions = {}): Tensor => {
    checkSameShape("cosineEmbeddingLoss", x1, x2, "x1 and x2");
    if (x1.ndim < 1 || x1.ndim > 2 || !sameShape(target.shape, x1.shape.slice(0, -1))) {
      throw new ShapeError(
        "cosineEmbeddingLoss",
        `the target does not fit the vectors, ${formatShape(target.shape)} and ${formatShape(x1.shape)}`,
        "use [batch, features] and [batch], or [features] and []",
        [x1.shape, target.shape],
      );
    }
    const dot = (a: Tensor, b: Tensor) => sum(mul(a, b), -1);
    const losses = () => cosine(dot(x1, x2), dot(x1, x1), dot(x2, x2), target, margin);
    return reduce(losses, reduction);
  },
);
