import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions {
  /** Learning rate; 1 unless given. */
  lr: number;
  /** Share of the running means of squares that is kept; 0.9 unless given. */
  rho: number;
  /** Added to the denominator; 1e-6 unless given. */
  eps: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** An optimizer made by {@link Adadelta:var}. */
export interface Adadelta extends Optimizer<AdadeltaOptions> {}

/**
 * Gradients scaled so that steps have the units of the parameter (Zeiler, 2012): with the running means of
 * squares E[d²] and E[Δ²], `Δ = √(E[Δ²] + eps)/√(E[d²] + eps)·d`, `param -= lr·Δ`.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * w.square().sum().backward();
 * new Adadelta([w], { rho: 0.75, eps: 1 }).step();
 * w.item().toFixed(4); // → "-0.4142"
 */
export const Adadelta: OptimizerClass<AdadeltaOptions, Adadelta> = /* @__PURE__ */ defineOptimizer({
  name: "adadelta",
  className: "Adadelta",
  options: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false },
  limits: { lr: { min: 0 }, rho: { min: 0, max: 1 }, eps: { min: 0 }, weightDecay: { min: 0 } },
  state: ["squareAverage", "accDelta"],
  update({ param, grad, squareAverage, accDelta }, { lr, rho, eps, weightDecay, maximize }) {
    const d = (maximize ? grad.neg() : grad).add(param.mul(weightDecay));
    const rest = rho.rsub(1);
    const square = squareAverage.mul(rho).add(d.square().mul(rest));
    const delta = accDelta.add(eps).sqrt().div(square.add(eps).sqrt()).mul(d);
    return {
      param: param.sub(delta.mul(lr)),
      squareAverage: square,
      accDelta: accDelta.mul(rho).add(delta.square().mul(rest)),
    };
  },
});
