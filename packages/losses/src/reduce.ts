import {
  type Expr,
  fold,
  mean,
  pointwise,
  ShapeError,
  sum,
  type Tensor,
  ThalwegError,
} from "@thalweg/tensor";
import { formatShape, sameShape, scoped } from "@thalweg/tensor/internal";

/** What becomes of the losses of the single elements. */
export type Reduction = "mean" | "sum" | "none";

/** Options that every loss has. */
export interface LossOptions {
  /** `"mean"` unless given. */
  readonly reduction?: Reduction;
}

/** Computes the losses and reduces them; throws on a name that is none. */
export function reduce(op: string, compute: () => Tensor, reduction: Reduction = "mean"): Tensor {
  return scoped(() => reduced(op, compute(), reduction));
}

/** Applies the reduction; throws on a name that is none. */
export function reduced(op: string, losses: Tensor, reduction: Reduction): Tensor {
  switch (reduction) {
    case "mean":
      return mean(losses);
    case "sum":
      return sum(losses);
    case "none":
      return losses;
    default:
      throw noReduction(op, reduction);
  }
}

/** What is thrown when a reduction is none of those that there are. */
export function noReduction(op: string, reduction: never, known = '"mean", "sum" or "none"'): ThalwegError {
  return new ThalwegError(op, `there is no reduction "${reduction}"`, `use ${known}`);
}

/** A loss of input and target alone. What is reduced is never stored. */
export function elementwiseLoss(
  name: string,
  loss: (input: Expr, target: Expr) => Expr,
  options: Parameters<typeof pointwise>[2] = {},
) {
  const none = pointwise(name, loss, options);
  const by = { none, sum: fold(none.op, "sum"), mean: fold(none.op, "mean") };
  return (input: Tensor, target: Tensor, { reduction = "mean" }: LossOptions = {}): Tensor => {
    checkSameShape(name, input, target);
    const compute = by[reduction];
    if (compute === undefined) throw noReduction(name, reduction as never);
    return compute(input, target);
  };
}

/**
 * Throws when the shapes differ. Broadcasting [n, 1] against [n] would compute n² losses without a word:
 * a mistake more often than a wish.
 */
export function checkSameShape(op: string, input: Tensor, target: Tensor, names = "input and target"): void {
  if (!sameShape(input.shape, target.shape)) {
    throw new ShapeError(
      op,
      `${names} differ in shape, ${formatShape(input.shape)} and ${formatShape(target.shape)}`,
      "reshape one of them, or expand it if repeating it is meant",
      [input.shape, target.shape],
    );
  }
}
