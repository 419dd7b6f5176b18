import {
  type Binary,
  DTypeError,
  logSoftmax,
  mean,
  mul,
  ne,
  neg,
  pointwise,
  ShapeError,
  sum,
  type Tensor,
  where,
} from "@thalweg/tensor";
import {
  formatShape,
  integer,
  softmaxCrossEntropy as ofLogits,
  negativeLogLikelihood as ofLogProbabilities,
  operation,
  probability,
  sameShape,
  scoped,
  tensorKind,
} from "@thalweg/tensor/internal";
import { inputAndTarget, type LossOptions, reduced, signature } from "./reduce";

/** Options of {@link nllLoss}. */
export interface ClassOptions extends LossOptions {
  /** Multiplies the loss of each class: [classes]. The mean is weighted by it, too. None unless given. */
  readonly weight?: Tensor;
  /** Targets of this class count for nothing; -100 unless given. */
  readonly ignoreIndex?: number;
}

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ClassOptions {
  /** Share of the target that is spread evenly over all classes; 0 unless given. */
  readonly labelSmoothing?: number;
}

/** The dimension that holds the classes: the second, or the only one. */
function classDim(op: string, input: Tensor): number {
  if (input.ndim === 0) {
    throw new ShapeError(
      op,
      "the input has no dimension for the classes, []",
      "use [classes] or [batch, classes, ...]",
      [input.shape],
    );
  }
  return input.ndim === 1 ? 0 : 1;
}

function checkIndexTarget(op: string, input: Tensor, target: Tensor, dim: number): void {
  const expected = input.shape.toSpliced(dim, 1);
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      op,
      `the target does not fit the input, ${formatShape(target.shape)} and ${formatShape(input.shape)}`,
      `class indices have shape ${formatShape(expected)}`,
      [input.shape, target.shape],
    );
  }
}

function checkWeight(op: string, weight: Tensor | undefined, input: Tensor, dim: number): void {
  const classes = input.shape[dim]!;
  if (weight === undefined) return;
  if (weight.dtype !== input.dtype) {
    throw new DTypeError(
      op,
      `the weight differs from the input in type, ${weight.dtype} and ${input.dtype}`,
      `convert it with .to("${input.dtype}")`,
    );
  }
  if (weight.ndim === 1 && weight.size === classes) return;
  throw new ShapeError(
    op,
    `the weight does not fit the input, ${formatShape(weight.shape)} and ${formatShape(input.shape)}`,
    `give one weight for each of ${classes} classes, [${classes}]`,
    [weight.shape, input.shape],
  );
}

/** Weighted losses of the single targets, and the weights that their mean divides by. */
interface Weighted {
  readonly losses: Tensor;
  readonly weights: Tensor;
}

/** A weighted mean, with the gradient 0 when it is empty. */
const average: Binary = /* @__PURE__ */ pointwise("average", (total, weight) => total.div(weight), {
  domain: { min: 0.5, max: 2 },
  gradient: (g, y, _, weight) => [
    weight!.eq(0).choose(0, g.div(weight!)),
    weight!.eq(0).choose(0, g.mul(y).div(weight!).neg()),
  ],
});

function reduceWeighted({ losses, weights }: Weighted, reduction: LossOptions["reduction"] = "mean"): Tensor {
  return reduction === "mean" ? average(sum(losses), sum(weights)) : reduced(losses, reduction);
}

/**
 * -weight[target]·logProbabilities[target], and the weights, both 0 for targets to be ignored.
 *
 * @param likelihood of the input: log-probabilities, or logits
 */
function negativeLogLikelihood(
  op: string,
  likelihood: typeof ofLogProbabilities,
  input: Tensor,
  target: Tensor,
  options: ClassOptions,
): Weighted {
  const { weight, ignoreIndex = -100 } = options;
  const dim = classDim(op, input);
  checkIndexTarget(op, input, target, dim);
  checkWeight(op, weight, input, dim);
  const losses = likelihood(input, target.detach(), { op, dim, ignoreIndex });
  const counts = ne(target, ignoreIndex).to(input.dtype);
  if (weight === undefined) return { losses, weights: counts };
  const index = where(counts, target, 0);
  const weights = mul(weight.indexSelect(0, index.flatten()).reshape(index.shape), counts);
  // Selected, not multiplied: an ignored Infinity must not turn into NaN.
  return { losses: where(counts, mul(losses, weights), 0), weights };
}

/**
 * Negative log-likelihood of class indices under log-probabilities: [classes] and [], or
 * [batch, classes, ...] and [batch, ...].
 *
 * @throws ShapeError when the shapes do not fit, IndexError when a target is not a class.
 * @example
 * nllLoss(tensor([[-1, -2], [-3, -4]]), tensor([0, 1])).item(); // → 2.5
 */
export const nllLoss: (input: Tensor, target: Tensor, options?: ClassOptions) => Tensor =
  /* @__PURE__ */ operation(
    "nllLoss",
    /* @__PURE__ */ signature(inputAndTarget, { weight: tensorKind, ignoreIndex: integer }),
    (input: Tensor, target: Tensor, options: ClassOptions = {}): Tensor =>
      scoped(() =>
        reduceWeighted(
          negativeLogLikelihood("nllLoss", ofLogProbabilities, input, target, options),
          options.reduction,
        ),
      ),
  );

/**
 * Cross-entropy of softmax(input), computed from the logits. Input [classes] or [batch, classes, ...];
 * target class indices without the class dimension, or probabilities in the shape of the input.
 *
 * @throws ShapeError when the shapes do not fit, IndexError when a target is not a class.
 * @example
 * crossEntropy(tensor([[0, 0], [10000, 0]]), tensor([1, 0])).item().toFixed(6); // → "0.346574"
 */
export const crossEntropy: (input: Tensor, target: Tensor, options?: CrossEntropyOptions) => Tensor =
  /* @__PURE__ */ operation(
    "crossEntropy",
    /* @__PURE__ */ signature(inputAndTarget, {
      weight: tensorKind,
      ignoreIndex: integer,
      labelSmoothing: probability,
    }),
    (input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor =>
      scoped(() => entropyOf(input, target, options)),
  );

function entropyOf(input: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const op = "crossEntropy";
  const { weight, labelSmoothing = 0, reduction } = options;
  const dim = classDim(op, input);
  const classes = input.shape[dim]!;
  checkWeight(op, weight, input, dim);
  const isHard = !sameShape(target.shape, input.shape);
  if (isHard && labelSmoothing === 0) {
    return reduceWeighted(negativeLogLikelihood(op, ofLogits, input, target, options), reduction);
  }
  const logProbabilities = logSoftmax(input, dim);
  if (!isHard) return ofProbabilities(logProbabilities, target, dim, options);
  const hard = negativeLogLikelihood(op, ofLogProbabilities, logProbabilities, target, options);
  const byClass =
    weight === undefined ? logProbabilities : mul(logProbabilities, alongClasses(weight, input, dim));
  const counts = ne(target, options.ignoreIndex ?? -100);
  const smooth = where(counts, neg(sum(byClass, dim)), 0);
  const losses = hard.losses.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / classes));
  return reduceWeighted({ losses, weights: hard.weights }, reduction);
}

/** The class weights in a shape that broadcasts over the input. */
function alongClasses(weight: Tensor, input: Tensor, dim: number): Tensor {
  return weight.reshape(input.shape.map((extent, d) => (d === dim ? extent : 1)));
}

function ofProbabilities(
  logProbabilities: Tensor,
  target: Tensor,
  dim: number,
  options: CrossEntropyOptions,
): Tensor {
  const { weight, labelSmoothing = 0, reduction = "mean" } = options;
  const classes = logProbabilities.shape[dim]!;
  const smoothed =
    labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  const terms = mul(logProbabilities, smoothed);
  const weighted = weight === undefined ? terms : mul(terms, alongClasses(weight, logProbabilities, dim));
  const losses = neg(sum(weighted, dim));
  // As in PyTorch: the mean is over the batch, and weights do not enter its divisor here.
  return reduction === "mean" ? mean(losses) : reduced(losses, reduction);
}
