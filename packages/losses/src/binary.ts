import { type Expr, mul, ShapeError, type Tensor } from "@thalweg/tensor";
import { checkProbabilities, expandsTo, formatShape, operation, tensorKind } from "@thalweg/tensor/internal";
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

/** PyTorch's bound, rounded to float32 in every precision. */
const leastVariance = /* @__PURE__ */ Math.fround(1e-12);

/** Logarithms are limited to -100, so that a certain but wrong answer costs much, but not infinitely much. */
const entropy: Reduced = /* @__PURE__ */ elementwise(
  "binaryCrossEntropy",
  (p: Expr, t: Expr) => {
    const yes = p.log().maximum(-100);
    const no = p.neg().log1p().maximum(-100);
    return t.sub(1).mul(no).sub(t.mul(yes));
  },
  {
    domain: { min: 0.1, max: 0.9 },
    // (p - t)/(p (1 - p)), finite also at the ends, where the value is limited; elsewhere split into parts whose derivatives
    // do not cancel
    gradient: (g, _, p, t) => [
      p!
        .rsub(1)
        .mul(p!)
        .gt(leastVariance)
        .choose(g.mul(t!.rsub(1).div(p!.rsub(1)).sub(t!.div(p!))), g.mul(p!.sub(t!)).div(leastVariance)),
      g.mul(p!.neg().log1p().maximum(-100).sub(p!.log().maximum(-100))),
    ],
  },
);

/** Options of {@link binaryCrossEntropy}. */
export interface BinaryOptions extends LossOptions {
  /** Multiplies the loss of each element; broadcasts. None unless given. */
  readonly weight?: Tensor;
}

/**
 * -(target·log(input) + (1 - target)·log(1 - input)) of probabilities in [0, 1]. Input and target: any one
 * shape. Prefer {@link binaryCrossEntropyWithLogits}, which is exact for extreme values.
 *
 * @throws ShapeError when the shapes differ, ThalwegError when a probability is not from 0 to 1 (on WebGPU, the next read throws).
 * @example
 * binaryCrossEntropy(tensor([0.5, 0.5]), tensor([1, 0])).item().toFixed(4); // → "0.6931"
 */
export const binaryCrossEntropy: (input: Tensor, target: Tensor, options?: BinaryOptions) => Tensor =
  /* @__PURE__ */ operation(
    "binaryCrossEntropy",
    /* @__PURE__ */ signature(inputAndTarget, { weight: tensorKind }),
    (input: Tensor, target: Tensor, { weight, reduction }: BinaryOptions = {}): Tensor => {
      checkSameShape("binaryCrossEntropy", input, target);
      checkWeight("binaryCrossEntropy", "weight", weight, input);
      for (const x of [input, target]) checkProbabilities("binaryCrossEntropy", x);
      return weighted(entropy, weight, reduction, [input, target]);
    },
  );

/**
 * (1 - t)·log(1 + eˣ) + w·t·log(1 + e⁻ˣ), w the weight. max(±x, 0) is split off both logarithms, so that nothing
 * is subtracted and small values keep their digits.
 */
export const logitEntropy: Reduced = /* @__PURE__ */ elementwise(
  "binaryCrossEntropyWithLogits",
  (x: Expr, t: Expr, weight: Expr) => {
    const [no, yes] = [t.rsub(1), t.mul(weight)];
    const isPositive = x.gt(0);
    const size = isPositive.choose(x, x.neg());
    return isPositive.choose(no, yes).mul(size).add(no.add(yes).mul(size.neg().softplus()));
  },
);

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface LogitOptions extends BinaryOptions {
  /** Multiplies the loss of positive targets; broadcasts. None unless given. */
  readonly posWeight?: Tensor;
}

/**
 * Binary cross-entropy of sigmoid(input), computed from the logits themselves. Input and target: any one
 * shape.
 *
 * @example
 * binaryCrossEntropyWithLogits(tensor([10000, -10000]), tensor([1, 0])).item(); // → 0
 */
export const binaryCrossEntropyWithLogits: (input: Tensor, target: Tensor, options?: LogitOptions) => Tensor =
  /* @__PURE__ */ operation(
    "binaryCrossEntropyWithLogits",
    /* @__PURE__ */ signature(inputAndTarget, { weight: tensorKind, posWeight: tensorKind }),
    (input: Tensor, target: Tensor, { weight, posWeight, reduction }: LogitOptions = {}): Tensor => {
      checkSameShape("binaryCrossEntropyWithLogits", input, target);
      checkWeight("binaryCrossEntropyWithLogits", "weight", weight, input);
      checkWeight("binaryCrossEntropyWithLogits", "posWeight", posWeight, input);
      return weighted(logitEntropy, weight, reduction, [input, target, posWeight ?? 1]);
    },
  );

function checkWeight(op: string, name: string, weight: Tensor | undefined, { shape }: Tensor): void {
  if (weight === undefined || expandsTo(weight.shape, shape)) return;
  throw new ShapeError(
    op,
    `${name} does not fit the input, shape ${formatShape(weight.shape)} and ${formatShape(shape)}`,
    "it must broadcast to the shape of the input",
    [weight.shape, shape],
  );
}

/** The losses, each multiplied by its weight if there is one, and then reduced. */
function weighted(
  losses: Reduced,
  weight: Tensor | undefined,
  reduction: Reduction | undefined,
  operands: (Tensor | number)[],
): Tensor {
  if (weight === undefined) return losses(reduction, operands);
  return reduce(() => mul(losses("none", operands), weight), reduction);
}
