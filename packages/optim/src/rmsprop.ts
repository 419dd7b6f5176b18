import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  /** Learning rate; 0.01 unless given. */
  lr: number;
  /** Share of the running mean of squares that is kept; 0.99 unless given. */
  alpha: number;
  /** Added to the denominator; 1e-8 unless given. */
  eps: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Share of the last direction that is kept; 0 unless given. */
  momentum: number;
  /** Divide by the standard deviation of the gradient instead of its root mean square; false unless given. */
  centered: boolean;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link RMSprop:var}. */
export interface RMSprop extends Optimizer<RMSpropOptions> {}

/**
 * Gradients divided by a running root mean square (Hinton, 2012; centred as in Graves, 2013).
 *
 * @example
 * const w = tensor([1, -3], { requiresGrad: true });
 * w.square().sum().backward();
 * new RMSprop([w], { lr: 0.5, alpha: 0 }).step();
 * w.toArray(); // → [0.5,-2.5]
 */
export const RMSprop: OptimizerClass<RMSpropOptions, RMSprop> = /* @__PURE__ */ defineOptimizer({
  name: "rmsprop",
  className: "RMSprop",
  options: {
    lr: 1e-2,
    alpha: 0.99,
    eps: 1e-8,
    weightDecay: 0,
    momentum: 0,
    centered: false,
    maximize: false,
  },
  limits: {
    lr: { min: 0 },
    alpha: { min: 0, max: 1 },
    eps: { min: 0 },
    weightDecay: { min: 0 },
    momentum: { min: 0 },
  },
  state: ({ momentum, centered }) => [
    "squareAverage",
    ...(centered ? (["gradAverage"] as const) : []),
    ...(momentum ? (["momentumBuffer"] as const) : []),
  ],
  update(
    { param, grad, squareAverage, gradAverage, momentumBuffer },
    { lr, alpha, eps, weightDecay, momentum, maximize },
  ) {
    const d = (maximize ? grad.neg() : grad).add(param.mul(weightDecay));
    const rest = alpha.rsub(1);
    const square = squareAverage!.mul(alpha).add(d.square().mul(rest));
    const mean = gradAverage?.mul(alpha).add(d.mul(rest));
    const spread = mean === undefined ? square : square.sub(mean.square());
    const scaled = d.div(spread.sqrt().add(eps));
    const buffer = momentumBuffer?.mul(momentum).add(scaled);
    return {
      param: param.sub((buffer ?? scaled).mul(lr)),
      squareAverage: square,
      ...(mean === undefined ? {} : { gradAverage: mean }),
      ...(buffer === undefined ? {} : { momentumBuffer: buffer }),
    };
  },
});
