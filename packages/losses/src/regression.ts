import type { Expr, Tensor } from "@thalweg/tensor";
import { aboveZero, atLeastZero, operation } from "@thalweg/tensor/internal";
import {
  checkSameShape,
  elementwise,
  elementwiseLoss,
  inputAndTarget,
  type LossOptions,
  type Reduced,
  signature,
} from "./reduce";

/**
 * Squared error (input - target)². Input and target: any one shape.
 *
 * @throws ShapeError when the shapes differ: nothing is broadcast.
 * @example
 * mseLoss(tensor([1, 2]), tensor([3, 2])).item(); // → 2
 */
export const mseLoss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor =
  /* @__PURE__ */ elementwiseLoss("mseLoss", (x, y) => x.sub(y).square());

/**
 * Absolute error |input - target|. Input and target: any one shape.
 *
 * @example
 * l1Loss(tensor([1, 2]), tensor([3, 2])).item(); // → 1
 */
export const l1Loss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor =
  /* @__PURE__ */ elementwiseLoss("l1Loss", (x, y) => x.sub(y).abs());

const smoothError: Reduced = /* @__PURE__ */ elementwise("smoothL1Loss", (x: Expr, y: Expr, beta: Expr) => {
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
export const smoothL1Loss: (input: Tensor, target: Tensor, options?: SmoothL1Options) => Tensor =
  /* @__PURE__ */ operation(
    "smoothL1Loss",
    /* @__PURE__ */ signature(inputAndTarget, { beta: atLeastZero }),
    (input: Tensor, target: Tensor, { beta = 1, reduction }: SmoothL1Options = {}) => {
      checkSameShape("smoothL1Loss", input, target);
      return smoothError(reduction, [input, target, beta]);
    },
  );

const huberError: Reduced = /* @__PURE__ */ elementwise("huberLoss", (x: Expr, y: Expr, delta: Expr) => {
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
export const huberLoss: (input: Tensor, target: Tensor, options?: HuberOptions) => Tensor =
  /* @__PURE__ */ operation(
    "huberLoss",
    /* @__PURE__ */ signature(inputAndTarget, { delta: aboveZero }),
    (input: Tensor, target: Tensor, { delta = 1, reduction }: HuberOptions = {}) => {
      checkSameShape("huberLoss", input, target);
      return huberError(reduction, [input, target, delta]);
    },
  );
