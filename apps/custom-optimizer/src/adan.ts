import { defineOptimizer, registerOptimizer } from "@thalweg/optim";
import type { Expr } from "@thalweg/tensor";

/** A running mean of which a share is kept. */
const blend = (mean: Expr, next: Expr, kept: Expr) => mean.mul(kept).add(next.mul(kept.rsub(1)));

/** Adaptive Nesterov momentum (Xie et al., 2022, arXiv 2208.06677, algorithm 1, with Adam's corrections). */
export const Adan = defineOptimizer({
  name: "adan",
  options: { lr: 1e-3, betas: [0.98, 0.92, 0.99], eps: 1e-8, weightDecay: 0 },
  limits: { lr: { min: 0 }, betas: { min: 0, below: 1 }, eps: { min: 0 }, weightDecay: { min: 0 } },
  state: ["mean", "meanChange", "meanSquare", "lastGrad"],
  update({ param, grad, ...state }, { lr, betas: [beta1, beta2, beta3], eps, weightDecay, step }) {
    const change = step.eq(1).choose(0, grad.sub(state.lastGrad));
    const ahead = grad.add(change.mul(beta2));
    const mean = blend(state.mean, grad, beta1);
    const meanChange = blend(state.meanChange, change, beta2);
    const meanSquare = blend(state.meanSquare, ahead.square(), beta3);
    const corrected = (value: Expr, beta: Expr) => value.div(beta.pow(step).rsub(1));
    const direction = corrected(mean, beta1).add(corrected(meanChange, beta2).mul(beta2));
    const size = lr.div(corrected(meanSquare, beta3).sqrt().add(eps));
    return {
      param: param.sub(size.mul(direction)).div(lr.mul(weightDecay).add(1)),
      mean,
      meanChange,
      meanSquare,
      lastGrad: grad,
    };
  },
});

registerOptimizer(Adan);

declare module "@thalweg/optim" {
  interface OptimizerRegistry {
    adan: typeof Adan.defaults;
  }
}
