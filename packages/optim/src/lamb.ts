import { norm, where } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";
import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link LAMB}. */
export interface LAMBOptions {
  /** Learning rate; 0.001 unless given. */
  lr: number;
  /** Shares of the running means of gradient and squared gradient that are kept; [0.9, 0.999] unless given. */
  betas: [number, number];
  /** Added to the denominator; 1e-6 unless given. */
  eps: number;
  /** Added to the direction before it is measured; 0 unless given. */
  weightDecay: number;
  /** Upper limit of a parameter's norm; none where null; null unless given. */
  maxNorm: number | null;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link LAMB:var}. */
export interface LAMB extends Optimizer<LAMBOptions> {}

/**
 * Adam with steps whose length is `lr` times the norm of each tensor, for large batches (You et al.,
 * 2020, arXiv 1904.00962, algorithm 2). With Adam's direction r, `u = r + weightDecay·param`,
 * `param -= lr·min(‖param‖, maxNorm)/‖u‖·u`, and `lr·u` where one of the norms is 0.
 *
 * @example
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.sum().backward();
 * new LAMB([w], { lr: 0.1, eps: 0 }).step();
 * w.sub(tensor([3, 4])).norm().item().toFixed(4); // → "0.5000"
 */
export const LAMB: OptimizerClass<LAMBOptions, LAMB> = /* @__PURE__ */ defineOptimizer({
  name: "lamb",
  className: "LAMB",
  options: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0, maxNorm: null, maximize: false },
  limits: {
    lr: { min: 0 },
    betas: { min: 0, below: 1 },
    eps: { min: 0 },
    weightDecay: { min: 0 },
    maxNorm: { min: 0 },
  },
  state: ["expAvg", "expAvgSq"],
  updateTensor(
    { param, grad, expAvg, expAvgSq },
    { lr, betas: [beta1, beta2], eps, weightDecay, maxNorm, maximize, step },
  ) {
    scoped(() => {
      const d = maximize ? grad.neg() : grad;
      expAvg.mul_(beta1).add_(d.mul(1 - beta1));
      expAvgSq.mul_(beta2).add_(d.square().mul(1 - beta2));
      const root = expAvgSq
        .div(1 - beta2 ** step)
        .sqrt()
        .add(eps);
      const u = expAvg.div(1 - beta1 ** step).div(root);
      if (weightDecay !== 0) u.add_(param.mul(weightDecay));
      const [size, length] = [maxNorm === null ? norm(param) : norm(param).clamp(null, maxNorm), norm(u)];
      const known = size.gt(0).logicalAnd(length.gt(0));
      return param.sub_(u.mul(where(known, size.div(length), 1)).mul(lr));
    });
    return { param, expAvg, expAvgSq };
  },
});
