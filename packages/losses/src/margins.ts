import {
  cumprod,
  type Expr,
  gather,
  ge,
  mean,
  mul,
  oneHot,
  type Pointwise,
  pointwise,
  ShapeError,
  scatterAdd,
  sum,
  type Tensor,
  where,
  zeros,
} from "@thalweg/tensor";
import { finite, formatShape, oneOf, operation, sameShape, tensorKind } from "@thalweg/tensor/internal";
import { logitEntropy } from "./binary";
import {
  checkSameShape,
  elementwiseLoss,
  inputAndTarget,
  type LossOptions,
  reduce,
  signature,
} from "./reduce";

/**
 * log(1 + e^(-target·input)), for targets of 1 and -1. Input and target: any one shape.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * softMarginLoss(tensor([0, 1e4]), tensor([1, 1]), { reduction: "sum" }).item().toFixed(4); // → "0.6931"
 */
export const softMarginLoss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor =
  /* @__PURE__ */ elementwiseLoss("softMarginLoss", (x: Expr, t: Expr) => t.mul(x).neg().softplus());

function checkWeight(op: string, weight: Tensor | undefined, { shape }: Tensor): void {
  const classes = shape.at(-1);
  if (weight === undefined || sameShape(weight.shape, [classes!])) return;
  throw new ShapeError(
    op,
    `the weight does not fit the input, ${formatShape(weight.shape)} and ${formatShape(shape)}`,
    `give one weight for each of ${classes} classes`,
    [weight.shape, shape],
  );
}

/** max(0, x)^p, with gradient 0 at 0. */
const hinge = (x: Expr, p: 1 | 2) => x.gt(0).choose(p === 1 ? x : x.square(), 0);

const violations = (p: 1 | 2): Pointwise<[x: Expr, correct: Expr, isTarget: Expr, margin: Expr]> =>
  pointwise("multiMarginLoss", (x, correct, isTarget, margin) =>
    isTarget.choose(0, hinge(margin.sub(correct).add(x), p)),
  );
const linear = /* @__PURE__ */ violations(1);
const squared = /* @__PURE__ */ violations(2);

/** Options of {@link multiMarginLoss}. */
export interface MultiMarginOptions extends LossOptions {
  /** Exponent, 1 or 2; 1 unless given. */
  readonly p?: 1 | 2;
  /** The distance wanted between the score of the target and the others; 1 unless given. */
  readonly margin?: number;
  /** Multiplies the losses of targets of each class: [classes]. None unless given. */
  readonly weight?: Tensor;
}

/**
 * Σ max(0, margin - input[target] + input[i])^p over the other classes i, divided by the number of classes: [batch, classes]
 * and [batch], or [classes] and [].
 *
 * @throws ShapeError when the shapes do not fit, IndexError when a target is not a class.
 * @example
 * multiMarginLoss(tensor([[0.5, 0.25, 0]]), tensor([0])).item(); // → 0.4166666567325592
 */
export const multiMarginLoss: (input: Tensor, target: Tensor, options?: MultiMarginOptions) => Tensor =
  /* @__PURE__ */ operation(
    "multiMarginLoss",
    /* @__PURE__ */ signature(inputAndTarget, {
      p: /* @__PURE__ */ oneOf(1, 2),
      margin: finite,
      weight: tensorKind,
    }),
    (input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor => {
      const { p = 1, margin = 1, weight, reduction } = options;
      const fits = sameShape(target.shape, input.shape.slice(0, -1));
      if (!fits || input.ndim < 1 || input.ndim > 2) {
        throw new ShapeError(
          "multiMarginLoss",
          `the target does not fit the input, ${formatShape(target.shape)} and ${formatShape(input.shape)}`,
          "use [batch, classes] and [batch], or [classes] and []",
          [input.shape, target.shape],
        );
      }
      checkWeight("multiMarginLoss", weight, input);
      const losses = () => {
        const index = target.detach();
        const correct = gather(input, -1, index.unsqueeze(-1));
        const isTarget = oneHot(index, input.shape.at(-1)!);
        const each = mean((p === 1 ? linear : squared)(input, correct, isTarget, margin), -1);
        return weight ? mul(each, weight.indexSelect(0, index.flatten()).reshape(index.shape)) : each;
      };
      return reduce(losses, reduction);
    },
  );

const pairs: Pointwise<[x: Expr, label: Expr, isCounted: Expr]> = /* @__PURE__ */ pointwise(
  "multilabelMarginLoss",
  (x, label, isCounted) => isCounted.choose(hinge(label.rsub(1).add(x), 1), 0),
);

/**
 * Σ max(0, 1 - input[j] + input[i]) over the labels j of the target and the classes i that are none, divided by the number of
 * classes. Input and target: [batch, classes] or [classes]. The labels of a target end before the first number below 0.
 *
 * @throws ShapeError when the shapes differ, IndexError when a label is not a class.
 * @example
 * multilabelMarginLoss(tensor([0.5, 0.25, 1]), tensor([2, -1, 0])).item(); // → 0.25
 */
export const multilabelMarginLoss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor =
  /* @__PURE__ */ operation(
    "multilabelMarginLoss",
    /* @__PURE__ */ signature(inputAndTarget),
    (input: Tensor, target: Tensor, options?: LossOptions): Tensor => {
      checkSameShape("multilabelMarginLoss", input, target);
      if (input.ndim < 1 || input.ndim > 2) {
        const got = `the input has shape ${formatShape(input.shape)}`;
        throw new ShapeError("multilabelMarginLoss", got, "use [batch, classes] or [classes]", [input.shape]);
      }
      const losses = () => {
        const given = target.detach();
        const isLabel = cumprod(ge(given, 0), -1);
        const labels = where(isLabel, given, 0);
        const own = { dtype: isLabel.dtype, device: input.device };
        const times = scatterAdd(zeros(input.shape, own), -1, labels, isLabel);
        const isCounted = mul(isLabel.unsqueeze(-1), times.eq(0).unsqueeze(-2));
        const scores = gather(input, -1, labels).unsqueeze(-1);
        return sum(pairs(input.unsqueeze(-2), scores, isCounted), [-2, -1]).div(
          Math.max(1, input.shape.at(-1)!),
        );
      };
      return reduce(losses, options?.reduction);
    },
  );

/** Options of {@link multilabelSoftMarginLoss}. */
export interface MultilabelSoftMarginOptions extends LossOptions {
  /** Multiplies the loss of each class: [classes]. None unless given. */
  readonly weight?: Tensor;
}

/**
 * The mean over classes of -(target·log σ(input) + (1 - target)·log(1 - σ(input))): a decision for each class. Input and
 * target: [..., classes], of any one shape.
 *
 * @throws ShapeError when the shapes differ, or have no dimension.
 * @example
 * multilabelSoftMarginLoss(tensor([[0, 0]]), tensor([[1, 0]])).item().toFixed(4); // → "0.6931"
 */
export const multilabelSoftMarginLoss: (
  input: Tensor,
  target: Tensor,
  options?: MultilabelSoftMarginOptions,
) => Tensor = /* @__PURE__ */ operation(
  "multilabelSoftMarginLoss",
  /* @__PURE__ */ signature(inputAndTarget, { weight: tensorKind }),
  (input: Tensor, target: Tensor, { weight, reduction }: MultilabelSoftMarginOptions = {}): Tensor => {
    const op = "multilabelSoftMarginLoss";
    checkSameShape(op, input, target);
    if (input.ndim === 0) {
      throw new ShapeError(op, "the input has no classes, []", "use [batch, classes]", [input.shape]);
    }
    checkWeight(op, weight, input);
    const losses = () => {
      const each = logitEntropy("none", [input, target, 1]);
      return mean(weight ? mul(each, weight) : each, -1);
    };
    return reduce(losses, reduction);
  },
);
