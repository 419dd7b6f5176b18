import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link Adamax}. */
export interface AdamaxOptions {
  /** Learning rate; 0.002 unless given. */
  lr: number;
  /** Share of the running mean of the gradient that is kept, and of its largest size so far; [0.9, 0.999] unless given. */
  betas: [number, number];
  /** Added to the denominator; 1e-8 unless given. */
  eps: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link Adamax:var}. */
export interface Adamax extends Optimizer<AdamaxOptions> {}

/**
 * Adam with the largest size of the gradient in place of its root mean square (Kingma and Ba, 2015,
 * section 7.1): `u = max(β₂·u, |d| + eps)`, `param -= lr/(1 - β₁ᵗ)·m/u`.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * w.square().sum().backward();
 * new Adamax([w], { lr: 0.25, eps: 0 }).step();
 * w.toArray(); // → [0.75]
 */
export const Adamax: OptimizerClass<AdamaxOptions, Adamax> = /* @__PURE__ */ defineOptimizer({
  name: "adamax",
  className: "Adamax",
  options: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false },
  limits: { lr: { min: 0 }, betas: { min: 0, below: 1 }, eps: { min: 0 }, weightDecay: { min: 0 } },
  state: ["expAvg", "expInf"],
  update({ param, grad, expAvg, expInf }, { lr, betas: [beta1, beta2], eps, weightDecay, maximize, step }) {
    const d = (maximize ? grad.neg() : grad).add(param.mul(weightDecay));
    const m = expAvg.mul(beta1).add(d.mul(beta1.rsub(1)));
    const u = expInf.mul(beta2).maximum(d.abs().add(eps));
    const size = lr.div(beta1.pow(step).rsub(1));
    return { param: param.sub(size.mul(m.div(u))), expAvg: m, expInf: u };
  },
});
