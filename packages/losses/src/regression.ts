import { pointwise, type Tensor, type Ternary, ThalwegError } from "@thalweg/tensor";
import { checkSameShape, elementwiseLoss, type LossOptions, reduce } from "./reduce";

const squaredError = /* @__PURE__ */ elementwiseLoss("mseLoss", (x, y) => x.sub(y).square());

/**
 * Squared error (input - target)². Input and target: any one shape.
 *
 * @throws ShapeError when the shapes differ: nothing is broadcast.
 * @example
 * mseLoss(tensor([1, 2]), tensor([3, 2])).item(); // → 2
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return squaredError(input, target, options);
}

const absoluteError = /* @__PURE__ */ elementwiseLoss("l1Loss", (x, y) => x.sub(y).abs());

/**
 * Absolute error |input - target|. Input and target: any one shape.
 *
 * @example
 * l1Loss(tensor([1, 2]), tensor([3, 2])).item(); // → 1
 */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return absoluteError(input, target, options);
}

const smoothError: Ternary = /* @__PURE__ */ pointwise("smoothL1Loss", (x, y, beta) => {
  const difference = x.sub(y);
  const distance = difference.abs();
  return distance.lt(beta).choose(difference.square().mul(0.5).div(beta), distance.sub(beta.mul(0.5)));
});

/** Options of {@link smoothL1Loss}. */
export interface SmoothL1Options extends LossOptions {
  /** Where the parabola meets the line; 1 unless given, 0 for {@link l1Loss}. */
  readonly beta?: number;
}

/**
 * Squared error/(2·`beta`) below `beta`, absolute error - `beta`/2 above (Girshick, 2015). Input and target: any
 * one shape.
 *
 * @example
 * smoothL1Loss(tensor([0.5, 4]), tensor([0, 0]), { reduction: "none" }).toArray(); // → [0.125,3.5]
 */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  { beta = 1, ...options }: SmoothL1Options = {},
): Tensor {
  checkSameShape("smoothL1Loss", input, target);
  if (!(beta >= 0)) throw new ThalwegError("smoothL1Loss", `beta is ${beta}`, "it must not be negative");
  return reduce("smoothL1Loss", () => smoothError(input, target, beta), options.reduction);
}

const huberError: Ternary = /* @__PURE__ */ pointwise("huberLoss", (x, y, delta) => {
  const difference = x.sub(y);
  const distance = difference.abs();
  return distance.le(delta).choose(difference.square().mul(0.5), delta.mul(distance.sub(delta.mul(0.5))));
});

/** Options of {@link huberLoss}. */
export interface HuberOptions extends LossOptions {
  /** Where the parabola meets the line; 1 unless given. */
  readonly delta?: number;
}

/**
 * Half the squared error up to `delta`, `delta`·(absolute error - `delta`/2) above (Huber, 1964). Input and
 * target: any one shape.
 *
 * @example
 * huberLoss(tensor([0.5, 4]), tensor([0, 0]), { delta: 2, reduction: "none" }).toArray(); // → [0.125,6]
 */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  { delta = 1, ...options }: HuberOptions = {},
): Tensor {
  checkSameShape("huberLoss", input, target);
  if (!(delta > 0)) throw new ThalwegError("huberLoss", `delta is ${delta}`, "it must be above 0");
  return reduce("huberLoss", () => huberError(input, target, delta), options.reduction);
}
