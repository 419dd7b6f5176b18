import { defineOptimizer } from "thalweg";

// Steps by the signs of a running mean of the gradients.
export default defineOptimizer({
  name: "signMomentum",
  options: { lr: 0.05, beta: 0.9 },
  state: ["mean"],
  update({ param, grad, mean }, { lr, beta }) {
    const next = mean.mul(beta).add(grad.mul(beta.rsub(1)));
    return {
      param: param.sub(next.sign().mul(lr)),
      mean: next,
    };
  },
});
