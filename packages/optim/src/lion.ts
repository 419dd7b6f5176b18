import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link Lion}. */
export interface LionOptions {
  /** Learning rate; 0.0001 unless given. */
  lr: number;
  /** Share of the running mean in a step's direction, and share of it that is kept; [0.9, 0.99] unless given. */
  betas: [number, number];
  /** Subtracted from the parameter itself; 0 unless given. */
  weightDecay: number;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link Lion:var}. */
export interface Lion extends Optimizer<LionOptions> {}

/**
 * Steps of one size in every coordinate, along the sign of a mean of gradients (Chen et al., 2023,
 * arXiv 2302.06675): `param -= lr·(sign(β₁·m + (1 - β₁)·grad) + weightDecay·param)`,
 * `m = β₂·m + (1 - β₂)·grad`. Its `lr` should be three to ten times smaller than AdamW's.
 *
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * w.square().sum().backward();
 * new Lion([w], { lr: 0.25 }).step();
 * w.toArray(); // → [0.75,-1.75]
 */
export const Lion: OptimizerClass<LionOptions, Lion> = /* @__PURE__ */ defineOptimizer({
  name: "lion",
  className: "Lion",
  options: { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false },
  limits: { lr: { min: 0 }, betas: { min: 0, below: 1 }, weightDecay: { min: 0 } },
  state: ["expAvg"],
  update({ param, grad, expAvg }, { lr, betas: [beta1, beta2], weightDecay, maximize }) {
    const d = maximize ? grad.neg() : grad;
    const direction = expAvg
      .mul(beta1)
      .add(d.mul(beta1.rsub(1)))
      .sign();
    return {
      param: param.sub(direction.add(param.mul(weightDecay)).mul(lr)),
      expAvg: expAvg.mul(beta2).add(d.mul(beta2.rsub(1))),
    };
  },
});
