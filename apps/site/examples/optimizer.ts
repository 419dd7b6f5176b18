import { optimizerLaws } from "@thalweg/testing";
import {
  defineClosureOptimizer,
  defineOptimizer,
  noGrad,
  tensor,
} from "thalweg";

// #region pointwise
/** The step is the sign of a running mean of gradients (Bernstein et al., 2018). */
const Signum = defineOptimizer({
  name: "signum",
  options: { lr: 1e-3, momentum: 0.9, weightDecay: 0 },
  limits: {
    lr: { min: 0 },
    momentum: { min: 0, below: 1 },
    weightDecay: { min: 0 },
  },
  state: ["mean"],
  update({ param, grad, mean }, { lr, momentum, weightDecay }) {
    const next = mean.mul(momentum).add(grad.mul(momentum.rsub(1)));
    const decayed = param.mul(lr.mul(weightDecay).rsub(1));
    return { param: decayed.sub(next.sign().mul(lr)), mean: next };
  },
});
// #endregion pointwise

// #region use
const w = tensor([1, -2], { requiresGrad: true });
const optimizer = new Signum([w], { lr: 0.5 });
w.square().sum().backward();
optimizer.step();
w.toArray(); // → [0.5,-1.5]
optimizer.paramGroups[0]!.lr = 0.1;
// #endregion use

// #region tensor
/** Each parameter moves by the same distance, whatever the length of its gradient. */
const NormalizedSGD = defineOptimizer({
  name: "normalizedSgd",
  options: { lr: 0.1, eps: 1e-8 },
  state: [],
  updateTensor({ param, grad }, { lr, eps }) {
    return { param: param.sub(grad.div(grad.norm().add(eps)).mul(lr)) };
  },
});
// #endregion tensor

// #region closure
/** Gradient descent that halves its step until the loss falls enough (Armijo, 1966). */
const Backtracking = defineClosureOptimizer({
  name: "backtracking",
  options: { lr: 1, slope: 1e-4 },
  state: () => [],
  search({ params, start, evaluate }, { lr, slope }) {
    const from = params.map((param) => param.detach().clone());
    const squares = start.grads.reduce(
      (sum, grad) => sum + grad.square().sum().item(),
      0,
    );
    for (let step = lr; step > 1e-10; step /= 2) {
      noGrad(() =>
        params.forEach(
          (param, i) =>
            void param.copy_(from[i]!.sub(start.grads[i]!.mul(step))),
        ),
      );
      if (evaluate().loss <= start.loss - slope * step * squares) return;
    }
  },
});
// #endregion closure
{
  const w = tensor([3, -4], { requiresGrad: true });
  const optimizer = new Backtracking([w]);
  const closure = () => {
    optimizer.zeroGrad();
    const loss = w.square().sum();
    loss.backward();
    return loss;
  };
  for (let i = 0; i < 5; i++) optimizer.step(closure);
  closure().item() < 1e-6; // → true
}

// #region laws
for (const law of optimizerLaws(Signum, {
  options: { lr: 0.01 },
  numRuns: 5,
}))
  law.run();
for (const law of optimizerLaws(NormalizedSGD, {
  options: { lr: 0.01 },
  numRuns: 5,
}))
  law.run();
// #endregion laws
