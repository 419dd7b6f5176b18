import type { Tensor } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";
import { defineOptimizer } from "./define-optimizer";
import type { Optimizer, OptimizerClass } from "./optimizer";

/** Options of {@link Muon}. */
export interface MuonOptions {
  /** Learning rate; 0.001 unless given. */
  lr: number;
  /** Subtracted from the parameter itself; 0.1 unless given. */
  weightDecay: number;
  /** Share of the running mean of gradients that is kept; 0.95 unless given. */
  momentum: number;
  /** Look ahead along the momentum; true unless given. */
  nesterov: boolean;
  /** Coefficients of the polynomial a·x + b·x³ + c·x⁵ that moves singular values towards 1; [3.4445, -4.775, 2.0315] unless given. */
  nsCoefficients: [number, number, number];
  /** Number of its applications; 5 unless given. */
  nsSteps: number;
  /** Lower limit of the norm that a direction is divided by; 1e-7 unless given. */
  eps: number;
  /**
   * A factor of the step by the shape: `"original"` is √max(1, rows/columns), `"matchRmsAdamw"` is
   * 0.2·√max(rows, columns), which suits the rate and weight decay of AdamW; "original" unless given.
   */
  adjustLrFn: "original" | "matchRmsAdamw";
  /** Climb instead of descend; false unless given. */
  maximize: boolean;
}

/**
 * Approximately the nearest matrix with orthogonal rows or columns: a few steps of a Newton-Schulz iteration bring all
 * singular values near 1. [rows, columns] -> [rows, columns].
 */
function orthogonalize(x: Tensor, [a, b, c]: readonly number[], steps: number, eps: number): Tensor {
  const [rows, columns] = x.shape as [number, number];
  const isTall = rows > columns;
  let y = isTall ? x.transpose(0, 1) : x;
  y = y.div(y.norm().clamp(eps));
  for (let i = 0; i < steps; i++) {
    const gram = y.matmul(y.transpose(0, 1));
    const polynomial = gram.mul(b!).add(gram.matmul(gram).mul(c!));
    y = y.mul(a!).add(polynomial.matmul(y));
  }
  return isTall ? y.transpose(0, 1) : y;
}

/** An optimizer made by {@link Muon:var}. */
export interface Muon extends Optimizer<MuonOptions> {}

/**
 * Momentum whose direction is made orthogonal, so that no direction of a matrix dominates (Jordan et al.,
 * 2024, https://kellerjordan.github.io/posts/muon; options as in PyTorch 2.9). For the matrices of hidden
 * layers; kernels of convolutions count as [out, everything else]. Vectors and scalars belong to another
 * optimizer, and so should embeddings and the last layer.
 *
 * @throws ThalwegError for a parameter of fewer than two dimensions.
 * @example
 * const w = tensor([[3, 0], [0, 4]], { requiresGrad: true });
 * w.square().sum().backward();
 * const before = w.clone();
 * new Muon([w], { lr: 1, weightDecay: 0, nsCoefficients: [2, -1.5, 0.5], nsSteps: 9 }).step();
 * before.sub(w).toArray(); // → [[1,0],[0,1]]
 */
export const Muon: OptimizerClass<MuonOptions, Muon> = /* @__PURE__ */ defineOptimizer({
  name: "muon",
  className: "Muon",
  options: {
    lr: 1e-3,
    weightDecay: 0.1,
    momentum: 0.95,
    nesterov: true,
    nsCoefficients: [3.4445, -4.775, 2.0315],
    nsSteps: 5,
    eps: 1e-7,
    adjustLrFn: ["original", "matchRmsAdamw"],
    maximize: false,
  },
  limits: {
    lr: { min: 0 },
    weightDecay: { min: 0 },
    momentum: { min: 0, below: 1 },
    nsSteps: { min: 0, below: 100, whole: true },
    eps: { min: 0 },
  },
  fits: ({ ndim }) => (ndim >= 2 ? undefined : "is not a matrix, its direction cannot be made orthogonal"),
  state: ["momentumBuffer"],
  updateTensor({ param, grad, momentumBuffer }, options) {
    const { lr, weightDecay, momentum, nesterov, nsCoefficients, nsSteps, eps, adjustLrFn } = options;
    const rows = param.shape[0]!;
    const columns = param.size / rows;
    const factor =
      adjustLrFn === "original"
        ? Math.sqrt(Math.max(1, rows / columns))
        : 0.2 * Math.sqrt(Math.max(rows, columns));
    scoped(() => {
      const d = options.maximize ? grad.neg() : grad;
      momentumBuffer.mul_(momentum).add_(d.mul(1 - momentum));
      const direction = nesterov ? d.mul(1 - momentum).add(momentumBuffer.mul(momentum)) : momentumBuffer;
      const matrix = direction.reshape([rows, columns]);
      const u = orthogonalize(matrix, nsCoefficients, nsSteps, eps).reshape(param.shape);
      return param.mul_(1 - lr * weightDecay).sub_(u.mul(lr * factor));
    });
    return { param, momentumBuffer };
  },
});
