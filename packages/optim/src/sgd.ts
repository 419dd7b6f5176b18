import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Learning rate; 0.001 unless given. */
  lr: number;
  /** Share of the last direction that is kept; 0 unless given. */
  momentum: number;
  /** Share of the gradient that does not enter the momentum; 0 unless given. */
  dampening: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Look ahead along the momentum (Nesterov). Needs momentum and no dampening; false unless given. */
  nesterov: boolean;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link SGD:var}. */
export interface SGD extends Optimizer<SGDOptions> {}

/**
 * Stochastic gradient descent, with PyTorch's options and formulas:
 * `d = grad + weightDecay·param`, `b = momentum·b + (1 - dampening)·d` (`b = d` at first),
 * `param -= lr·b`, or with Nesterov `param -= lr·(d + momentum·b)`.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.25 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.item(); // → 0.5
 */
export const SGD: OptimizerClass<SGDOptions, SGD> = /* @__PURE__ */ defineOptimizer({
  name: "sgd",
  className: "SGD",
  options: { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false },
  limits: { lr: { min: 0 }, momentum: { min: 0 }, weightDecay: { min: 0 } },
  validate: ({ nesterov, momentum, dampening }) =>
    nesterov && (momentum <= 0 || dampening !== 0)
      ? `nesterov needs momentum and no dampening, got momentum ${momentum} and dampening ${dampening}`
      : undefined,
  state: ({ momentum }) => (momentum ? ["momentumBuffer"] : []),
  update(
    { param, grad, momentumBuffer },
    { lr, momentum, dampening, weightDecay, nesterov, maximize, step },
  ) {
    const d = (maximize ? grad.neg() : grad).add(param.mul(weightDecay));
    if (momentumBuffer === undefined) return { param: param.sub(d.mul(lr)) };
    const b = step.eq(1).choose(d, momentumBuffer.mul(momentum).add(d.mul(dampening.rsub(1))));
    const direction = nesterov ? d.add(b.mul(momentum)) : b;
    return { param: param.sub(direction.mul(lr)), momentumBuffer: b };
  },
});
