import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link NAdam}. */
export interface NAdamOptions {
  /** Learning rate; 0.002 unless given. */
  lr: number;
  /** Shares of the running means of gradient and squared gradient that are kept; [0.9, 0.999] unless given. */
  betas: [number, number];
  /** Added to the denominator; 1e-8 unless given. */
  eps: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** How slowly the momentum grows to its full size; 0.004 unless given. */
  momentumDecay: number;
  /** Subtract weight decay from the parameter itself, as AdamW does; false unless given. */
  decoupledWeightDecay: boolean;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** The momentum of step `t`: `β₁·(1 - 0.96^(t·momentumDecay)/2)`. */
const momentum = (beta1: number, momentumDecay: number, t: number) =>
  beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));

/** An optimizer made by {@link NAdam:var}. */
export interface NAdam extends Optimizer<NAdamOptions> {}

/**
 * Adam with Nesterov's momentum (Dozat, 2016), as in PyTorch:
 * `param -= lr·((1 - μₜ)/(1 - Πμ)·d + μₜ₊₁/(1 - Πμ·μₜ·μₜ₊₁)·m)/(√(v/(1 - β₂ᵗ)) + eps)`.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * w.square().sum().backward();
 * new NAdam([w], { lr: 0.25, betas: [0, 0.999], eps: 0 }).step();
 * w.toArray(); // → [0.75]
 */
export const NAdam: OptimizerClass<NAdamOptions, NAdam> = /* @__PURE__ */ defineOptimizer({
  name: "nadam",
  className: "NAdam",
  options: {
    lr: 2e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    momentumDecay: 4e-3,
    decoupledWeightDecay: false,
    maximize: false,
  },
  limits: {
    lr: { min: 0 },
    betas: { min: 0, below: 1 },
    eps: { min: 0 },
    weightDecay: { min: 0 },
    momentumDecay: { min: 0 },
  },
  state: ["expAvg", "expAvgSq"],
  numbers: { mu: 0, muNext: 0, muProduct: 1 },
  validateNumbers: (numbers) =>
    Object.values(numbers).every((number) => number >= 0 && number <= 1)
      ? undefined
      : "the momenta are not from 0 to 1",
  advance({ muProduct }, { betas: [beta1], momentumDecay, step }) {
    const mu = momentum(beta1, momentumDecay, step);
    return { mu, muNext: momentum(beta1, momentumDecay, step + 1), muProduct: muProduct * mu };
  },
  update(
    { param, grad, expAvg, expAvgSq, mu, muNext, muProduct },
    { lr, betas: [beta1, beta2], eps, weightDecay, decoupledWeightDecay, maximize, step },
  ) {
    const climb = maximize ? grad.neg() : grad;
    const d = decoupledWeightDecay ? climb : climb.add(param.mul(weightDecay));
    const start = decoupledWeightDecay ? param.mul(lr.mul(weightDecay).rsub(1)) : param;
    const m = expAvg.mul(beta1).add(d.mul(beta1.rsub(1)));
    const v = expAvgSq.mul(beta2).add(d.square().mul(beta2.rsub(1)));
    const root = v.div(beta2.pow(step).rsub(1)).sqrt().add(eps);
    const ofGrad = lr.mul(mu.rsub(1)).div(muProduct.rsub(1));
    const ofMean = lr.mul(muNext).div(muProduct.mul(mu).mul(muNext).rsub(1));
    return {
      param: start.sub(ofGrad.mul(d).add(ofMean.mul(m)).div(root)),
      expAvg: m,
      expAvgSq: v,
    };
  },
});
