import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link Adagrad}. */
export interface AdagradOptions {
  /** Learning rate; 0.01 unless given. */
  lr: number;
  /** How fast the rate falls: `lr/(1 + (step - 1)·lrDecay)`; 0 unless given. */
  lrDecay: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Initial value of the sum of squares; 0 unless given. */
  initialAccumulatorValue: number;
  /** Added to the denominator; 1e-10 unless given. */
  eps: number;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link Adagrad:var}. */
export interface Adagrad extends Optimizer<AdagradOptions> {}

/**
 * Rates by coordinate, from the sum of all squared gradients (Duchi, Hazan and Singer, 2011).
 *
 * @example
 * const w = tensor([1, -3], { requiresGrad: true });
 * w.square().sum().backward();
 * new Adagrad([w], { lr: 0.5 }).step();
 * w.toArray(); // → [0.5,-2.5]
 */
export const Adagrad: OptimizerClass<AdagradOptions, Adagrad> = /* @__PURE__ */ defineOptimizer({
  name: "adagrad",
  className: "Adagrad",
  options: { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false },
  limits: {
    lr: { min: 0 },
    lrDecay: { min: 0 },
    weightDecay: { min: 0 },
    initialAccumulatorValue: { min: 0 },
    eps: { min: 0 },
  },
  state: ["sum"],
  initial: (_, { initialAccumulatorValue }) => initialAccumulatorValue,
  update({ param, grad, sum }, { lr, lrDecay, weightDecay, eps, maximize, step }) {
    const d = (maximize ? grad.neg() : grad).add(param.mul(weightDecay));
    const total = sum.add(d.square());
    const rate = lr.div(step.sub(1).mul(lrDecay).add(1));
    return { param: param.sub(rate.mul(d.div(total.sqrt().add(eps)))), sum: total };
  },
});
