import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link RAdam}. */
export interface RAdamOptions {
  /** Learning rate; 0.001 unless given. */
  lr: number;
  /** Shares of the running means of gradient and squared gradient that are kept; [0.9, 0.999] unless given. */
  betas: [number, number];
  /** Added to the denominator; 1e-8 unless given. */
  eps: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Subtract weight decay from the parameter itself, as AdamW does; false unless given. */
  decoupledWeightDecay: boolean;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link RAdam:var}. */
export interface RAdam extends Optimizer<RAdamOptions> {}

/**
 * Adam that divides by the root mean square only once that is known well enough, which acts as a warmup
 * (Liu et al., 2020).
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * w.square().sum().backward();
 * new RAdam([w], { lr: 0.25 }).step(); // at first by lr·gradient
 * w.toArray(); // → [0.5]
 */
export const RAdam: OptimizerClass<RAdamOptions, RAdam> = /* @__PURE__ */ defineOptimizer({
  name: "radam",
  className: "RAdam",
  options: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  limits: { lr: { min: 0 }, betas: { min: 0, below: 1 }, eps: { min: 0 }, weightDecay: { min: 0 } },
  state: ["expAvg", "expAvgSq"],
  update(
    { param, grad, expAvg, expAvgSq },
    { lr, betas: [beta1, beta2], eps, weightDecay, decoupledWeightDecay, maximize, step },
  ) {
    const climb = maximize ? grad.neg() : grad;
    const d = decoupledWeightDecay ? climb : climb.add(param.mul(weightDecay));
    const start = decoupledWeightDecay ? param.mul(lr.mul(weightDecay).rsub(1)) : param;
    const m = expAvg.mul(beta1).add(d.mul(beta1.rsub(1)));
    const v = expAvgSq.mul(beta2).add(d.square().mul(beta2.rsub(1)));
    const kept = beta2.pow(step);
    const correction = kept.rsub(1);
    // The number of gradients that the mean of squares effectively averages: in the limit, and now.
    const limit = beta2.rsub(1).reciprocal().mul(2).sub(1);
    const length = limit.sub(step.mul(2).mul(kept).div(correction));
    const rectified = length.sub(4).mul(length.sub(2)).mul(limit);
    const whole = limit.sub(4).mul(limit.sub(2)).mul(length);
    // Below 0 the root is not used; a GPU must not see the NaN either.
    const rectification = rectified.div(whole).maximum(0).sqrt();
    const scale = rectification.mul(correction.sqrt()).div(v.sqrt().add(eps));
    const size = lr.div(beta1.pow(step).rsub(1));
    return {
      param: start.sub(size.mul(m).mul(length.gt(5).choose(scale, 1))),
      expAvg: m,
      expAvgSq: v,
    };
  },
});
