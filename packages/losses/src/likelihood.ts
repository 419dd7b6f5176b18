import {
  amin,
  type Expr,
  type Pointwise,
  pointwise,
  ShapeError,
  type Tensor,
  ThalwegError,
} from "@thalweg/tensor";
import {
  aboveZero,
  atLeastZero,
  boolean,
  checkElements,
  formatShape,
  oneOf,
  operation,
  sameShape,
} from "@thalweg/tensor/internal";
import {
  checkSameShape,
  elementwise,
  inputAndTarget,
  type LossOptions,
  type Reduced,
  type Reduction,
  reduce,
  signature,
} from "./reduce";

const divergence = /* @__PURE__ */ elementwise(
  "klDiv",
  (x: Expr, t: Expr) => t.eq(0).choose(0, t.mul(t.log().sub(x))),
  {
    domain: [
      { min: -2, max: 2 },
      { min: 0.2, max: 2 },
    ],
  },
);

const logDivergence = /* @__PURE__ */ elementwise("klDiv", (x: Expr, t: Expr) => {
  const probability = t.exp();
  // Selected, not multiplied: impossible events count for nothing.
  return probability.eq(0).choose(0, probability.mul(t.sub(x)));
});

/** Options of {@link klDiv}. */
export interface KlDivOptions {
  /**
   * `"mean"` over all elements unless given; `"batchmean"`, the sum divided by the extent of the first
   * dimension, is the divergence of the distributions.
   */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target holds logarithms of probabilities, as the input does; false unless given. */
  readonly logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence target·(log(target) - input) of log-probabilities from a target of
 * probabilities. Input and target: any one shape. Where the target is 0, so is the loss.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * const p = tensor([[0.5, 0.5], [1, 0]]);
 * const logQ = tensor([[0.5, 0.5], [0.5, 0.5]]).log();
 * klDiv(logQ, p, { reduction: "batchmean" }).item().toFixed(4); // → "0.3466"
 */
export const klDiv: (input: Tensor, target: Tensor, options?: KlDivOptions) => Tensor =
  /* @__PURE__ */ operation(
    "klDiv",
    /* @__PURE__ */ signature(inputAndTarget, {
      reduction: /* @__PURE__ */ oneOf("mean", "sum", "none", "batchmean"),
      logTarget: boolean,
    }),
    (input: Tensor, target: Tensor, { reduction, logTarget = false }: KlDivOptions = {}): Tensor => {
      checkSameShape("klDiv", input, target);
      const loss = logTarget ? logDivergence : divergence;
      if (reduction !== "batchmean") return loss(reduction, [input, target]);
      const total = loss("sum", [input, target]);
      const count = input.shape[0] ?? 1;
      return count === 0 ? total.add(Number.NaN) : total.div(count);
    },
  );

function poisson(isLog: boolean, isFull: boolean): Reduced {
  return elementwise(
    "poissonNllLoss",
    (x: Expr, t: Expr, eps: Expr) => {
      const loss = isLog ? x.exp().sub(t.mul(x)) : x.sub(t.mul(x.add(eps).log()));
      if (!isFull) return loss;
      const factorial = t
        .mul(t.log())
        .sub(t)
        .add(
          t
            .mul(2 * Math.PI)
            .log()
            .mul(0.5),
        );
      return loss.add(t.le(1).choose(0, factorial));
    },
    {
      domain: [
        { min: 0.5, max: 2 },
        { min: 1.5, max: 4 },
        { min: 1e-8, max: 1e-8 },
      ],
    },
  );
}

const poissonOfLog = /* @__PURE__ */ poisson(true, false);
const poissonOfLogFull = /* @__PURE__ */ poisson(true, true);
const poissonOfRate = /* @__PURE__ */ poisson(false, false);
const poissonOfRateFull = /* @__PURE__ */ poisson(false, true);

/** Options of {@link poissonNllLoss}. */
export interface PoissonOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate; true unless given. */
  readonly logInput?: boolean;
  /** Add Stirling's approximation of log(target!) for targets above 1; false unless given. */
  readonly full?: boolean;
  /** Added to a rate before its logarithm is taken; 1e-8 unless given. */
  readonly eps?: number;
}

/**
 * Negative log-likelihood of counts under Poisson distributions, without the term that does not depend on the
 * input: exp(input) - target·input, or, of rates, input - target·log(input + eps). Input and target: any one
 * shape.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * poissonNllLoss(tensor([0, 0]), tensor([3, 5])).item(); // → 1
 */
export const poissonNllLoss: (input: Tensor, target: Tensor, options?: PoissonOptions) => Tensor =
  /* @__PURE__ */ operation(
    "poissonNllLoss",
    /* @__PURE__ */ signature(inputAndTarget, {
      logInput: boolean,
      full: boolean,
      eps: atLeastZero,
    }),
    (input: Tensor, target: Tensor, options: PoissonOptions = {}): Tensor => {
      const { logInput = true, full = false, eps = 1e-8, reduction } = options;
      checkSameShape("poissonNllLoss", input, target);
      const ofLog = full ? poissonOfLogFull : poissonOfLog;
      const ofRate = full ? poissonOfRateFull : poissonOfRate;
      return (logInput ? ofLog : ofRate)(reduction, [input, target, eps]);
    },
  );

const gaussian: Pointwise<[x: Expr, t: Expr, variance: Expr, eps: Expr]> = /* @__PURE__ */ pointwise(
  "gaussianNllLoss",
  (x, t, variance, eps) => {
    const v = variance.maximum(eps);
    return v.log().add(x.sub(t).square().div(v)).mul(0.5);
  },
  {
    domain: [
      { min: -2, max: 2 },
      { min: -2, max: 2 },
      { min: 0.5, max: 2 },
      { min: 1e-6, max: 1e-6 },
    ],
    // As in PyTorch, a variance below eps counts as eps, in the gradient too.
    gradient: (g, _, x, t, variance, eps) => {
      const v = variance!.maximum(eps!);
      const scaled = x!.sub(t!).div(v);
      const byInput = g.mul(scaled);
      return [byInput, byInput.neg(), g.mul(v.reciprocal().sub(scaled.square()).mul(0.5)), null];
    },
  },
);

/** Options of {@link gaussianNllLoss}. */
export interface GaussianOptions extends LossOptions {
  /** Add log(2π)/2, a constant; false unless given. */
  readonly full?: boolean;
  /** The least variance; smaller ones are raised to it. 1e-6 unless given. */
  readonly eps?: number;
}

/**
 * Negative log-likelihood of targets under normal distributions: (log(variance) + (input - target)²/variance)/2.
 * Input and target: any one shape. The variance has that shape, or its last dimension has extent 1 or is missing:
 * then there is one variance for each row.
 *
 * @throws ShapeError when the shapes do not fit, ThalwegError when a variance on the CPU is negative (those on other
 * devices are not checked).
 * @example
 * gaussianNllLoss(tensor([1, 2]), tensor([1, 4]), tensor([1, 4])).item().toFixed(4); // → "0.5966"
 */
export const gaussianNllLoss: (
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: GaussianOptions,
) => Tensor = /* @__PURE__ */ operation(
  "gaussianNllLoss",
  /* @__PURE__ */ signature(["input", "target", "variance"], {
    full: boolean,
    eps: aboveZero,
  }),
  (input: Tensor, target: Tensor, variance: Tensor, options: GaussianOptions = {}): Tensor => {
    const { full = false, eps = 1e-6, reduction } = options;
    checkSameShape("gaussianNllLoss", input, target);
    const spread = fittingVariance(input, variance);
    const losses = () => {
      const each = gaussian(input, target, spread, eps);
      return full ? each.add(0.5 * Math.log(2 * Math.PI)) : each;
    };
    return reduce(losses, reduction);
  },
);

/** The variance in a shape that broadcasts to that of the input as intended. */
function fittingVariance(input: Tensor, variance: Tensor): Tensor {
  const outer = input.shape.slice(0, -1);
  const isShorter = input.ndim > 0 && sameShape(variance.shape, outer);
  if (!isShorter && !sameShape(variance.shape, input.shape) && !sameShape(variance.shape, [...outer, 1])) {
    throw new ShapeError(
      "gaussianNllLoss",
      `the variance does not fit the input, ${formatShape(variance.shape)} and ${formatShape(input.shape)}`,
      "give one for each element, or one for each row along the last dimension",
      [input.shape, variance.shape],
    );
  }
  checkElements("gaussianNllLoss", variance, (x) => {
    const least = amin(x).item();
    if (least < 0)
      throw new ThalwegError("gaussianNllLoss", `a variance is ${least}`, "it must not be negative");
  });
  return isShorter ? variance.unsqueeze(-1) : variance;
}
