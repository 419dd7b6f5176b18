import {
  ArgumentError,
  type Expr,
  norm,
  type Pointwise,
  pointwise,
  ShapeError,
  Tensor,
} from "@thalweg/tensor";
import { aboveZero, boolean, callback, describe, finite, operation } from "@thalweg/tensor/internal";
import { type MarginOptions, positivePart } from "./embedding";
import { checkSameShape, reduce, signature } from "./reduce";

const triplet: Pointwise<[near: Expr, far: Expr, margin: Expr]> = /* @__PURE__ */ pointwise(
  "tripletMarginLoss",
  (near, far, margin) => positivePart(near.sub(far).add(margin)),
);

/** The distance of each vector of one tensor from that of another. */
export type Distance = (a: Tensor, b: Tensor) => Tensor;

/** The norm of differences along the last dimension. */
const normOf =
  (p: number, eps: number): Distance =>
  (a, b) =>
    norm(a.sub(b).add(eps), -1, { p });

function checkTriplet(op: string, anchor: Tensor, positive: Tensor, negative: Tensor): void {
  checkSameShape(op, anchor, positive, "anchor and positive");
  checkSameShape(op, anchor, negative, "anchor and negative");
  if (anchor.ndim > 0) return;
  throw new ShapeError(op, "the anchor has no features, []", "use [batch, features]", [anchor.shape]);
}

function triplets(
  distance: Distance,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin: number,
  swap: boolean,
): Tensor {
  const far = distance(anchor, negative);
  const least = swap ? far.minimum(distance(positive, negative)) : far;
  return triplet(distance(anchor, positive), least, margin);
}

/** Options of {@link tripletMarginLoss}. */
export interface TripletOptions extends MarginOptions {
  /** Order of the norm that measures distances; 2 unless given. */
  readonly p?: number;
  /** Added to each difference, so that the root is not taken at 0; 1e-6 unless given. */
  readonly eps?: number;
  /** Take the distance from positive to negative where that is smaller than the one from the anchor; false unless given. */
  readonly swap?: boolean;
}

/**
 * max(0, d(anchor, positive) - d(anchor, negative) + margin), d the distance along the last dimension:
 * [..., features] three times -> [...]. `margin` is 1 unless given (Balntas et al., 2016).
 *
 * @throws ShapeError when the shapes differ, or have no dimension.
 * @example
 * const [anchor, positive, negative] = [tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 2]])];
 * tripletMarginLoss(anchor, positive, negative, { eps: 0 }).item(); // → 4
 */
export const tripletMarginLoss: (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletOptions,
) => Tensor = /* @__PURE__ */ operation(
  "tripletMarginLoss",
  /* @__PURE__ */ signature(["anchor", "positive", "negative"], {
    margin: finite,
    p: aboveZero,
    eps: finite,
    swap: boolean,
  }),
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    { margin = 1, p = 2, eps = 1e-6, swap = false, reduction }: TripletOptions = {},
  ): Tensor => {
    checkTriplet("tripletMarginLoss", anchor, positive, negative);
    const losses = () => triplets(normOf(p, eps), anchor, positive, negative, margin, swap);
    return reduce(losses, reduction);
  },
);

/** Options of {@link tripletMarginWithDistanceLoss}. */
export interface TripletDistanceOptions extends MarginOptions {
  /** The distance; the norm of the difference, with 1e-6 added to it, unless given. */
  readonly distanceFunction?: Distance;
  /** Take the distance from positive to negative where that is smaller than the one from the anchor; false unless given. */
  readonly swap?: boolean;
}

/**
 * {@link tripletMarginLoss} with any distance: max(0, d(anchor, positive) - d(anchor, negative) + margin), in the shape that
 * the distance returns. `margin` is 1 unless given.
 *
 * @throws ShapeError when the shapes differ, or have no dimension.
 * @example
 * const [anchor, positive, negative] = [tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 2]])];
 * const distanceFunction = (a: Tensor, b: Tensor) => a.sub(b).abs().amax(-1);
 * tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction }).item(); // → 3
 */
export const tripletMarginWithDistanceLoss: (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletDistanceOptions,
) => Tensor = /* @__PURE__ */ operation(
  "tripletMarginWithDistanceLoss",
  /* @__PURE__ */ signature(["anchor", "positive", "negative"], {
    distanceFunction: callback,
    margin: finite,
    swap: boolean,
  }),
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    { distanceFunction = normOf(2, 1e-6), margin = 1, swap = false, reduction }: TripletDistanceOptions = {},
  ): Tensor => {
    const op = "tripletMarginWithDistanceLoss";
    checkTriplet(op, anchor, positive, negative);
    const distance: Distance = (a, b) => {
      const found: unknown = distanceFunction(a, b);
      if (found instanceof Tensor) return found;
      const problem = `distanceFunction must return a tensor, got ${found === undefined ? "nothing" : describe(found)}`;
      throw new ArgumentError(op, problem, "return a distance for each pair of vectors");
    };
    const losses = () => triplets(distance, anchor, positive, negative, margin, swap);
    return reduce(losses, reduction);
  },
);
