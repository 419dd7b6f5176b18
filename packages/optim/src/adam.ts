import type { Expr } from "@thalweg/tensor";
import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link Adam}. */
export interface AdamOptions {
  /** Learning rate; 0.001 unless given. */
  lr: number;
  /** Shares of the running means of gradient and squared gradient that are kept; [0.9, 0.999] unless given. */
  betas: [number, number];
  /** Added to the denominator; 1e-8 unless given. */
  eps: number;
  /** L2 penalty, added to the gradient; 0 unless given. */
  weightDecay: number;
  /** Divide by the largest running mean of squares so far; false unless given. */
  amsgrad: boolean;
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/** Options of {@link AdamW}. */
export interface AdamWOptions extends AdamOptions {
  /** Subtracted from the parameter itself; 0.01 unless given. */
  weightDecay: number;
}

const limits = {
  lr: { min: 0 },
  betas: { min: 0, below: 1 },
  eps: { min: 0 },
  weightDecay: { min: 0 },
} as const;

const state = ({ amsgrad }: { amsgrad: boolean }) => [
  "expAvg" as const,
  "expAvgSq" as const,
  ...(amsgrad ? (["maxExpAvgSq"] as const) : []),
];

interface Moments {
  readonly grad: Expr;
  readonly expAvg?: Expr;
  readonly expAvgSq?: Expr;
  readonly maxExpAvgSq?: Expr;
}

interface Rates {
  readonly lr: Expr;
  readonly betas: readonly Expr[];
  readonly eps: Expr;
  readonly step: Expr;
}

/**
 * Means of the gradient and of its square, and the step they give:
 * `lr/(1 - β₁ᵗ)·m/(√v/√(1 - β₂ᵗ) + eps)`. The corrections are numbers, the same for all elements.
 */
function adaptive({ grad, expAvg, expAvgSq, maxExpAvgSq }: Moments, { lr, betas, eps, step }: Rates) {
  const [beta1, beta2] = betas as [Expr, Expr];
  const m = expAvg!.mul(beta1).add(grad.mul(beta1.rsub(1)));
  const v = expAvgSq!.mul(beta2).add(grad.square().mul(beta2.rsub(1)));
  const largest = maxExpAvgSq?.maximum(v);
  const root = (largest ?? v).sqrt().div(beta2.pow(step).rsub(1).sqrt());
  const size = lr.div(beta1.pow(step).rsub(1));
  return {
    change: size.mul(m.div(root.add(eps))),
    moments: { expAvg: m, expAvgSq: v, ...(largest === undefined ? {} : { maxExpAvgSq: largest }) },
  };
}

/** An optimizer made by {@link Adam:var}. */
export interface Adam extends Optimizer<AdamOptions> {}

/**
 * Adaptive moment estimation (Kingma and Ba, 2015); AMSGrad as in Reddi et al., 2018. Weight decay is L2.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * w.square().sum().backward();
 * new Adam([w], { lr: 0.5 }).step();
 * w.item().toFixed(4); // → "0.5000"
 */
export const Adam: OptimizerClass<AdamOptions, Adam> = /* @__PURE__ */ defineOptimizer({
  name: "adam",
  className: "Adam",
  options: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false },
  limits,
  state,
  update({ param, grad, ...moments }, { weightDecay, maximize, ...rates }) {
    const d = (maximize ? grad.neg() : grad).add(param.mul(weightDecay));
    const next = adaptive({ grad: d, ...moments }, rates);
    return { param: param.sub(next.change), ...next.moments };
  },
});

/** An optimizer made by {@link AdamW:var}. */
export interface AdamW extends Optimizer<AdamWOptions> {}

/**
 * {@link Adam} with weight decay subtracted from the parameter itself (Loshchilov and Hutter, 2019).
 *
 * @example
 * const w = tensor([4], { requiresGrad: true });
 * w.grad = tensor([0]);
 * new AdamW([w], { lr: 0.5, weightDecay: 0.25 }).step();
 * w.item(); // → 3.5
 */
export const AdamW: OptimizerClass<AdamWOptions, AdamW> = /* @__PURE__ */ defineOptimizer({
  name: "adamw",
  className: "AdamW",
  options: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-2, amsgrad: false, maximize: false },
  limits,
  state,
  update({ param, grad, ...moments }, { weightDecay, maximize, ...rates }) {
    const next = adaptive({ grad: maximize ? grad.neg() : grad, ...moments }, rates);
    const decayed = param.mul(rates.lr.mul(weightDecay).rsub(1));
    return { param: decayed.sub(next.change), ...next.moments };
  },
});
