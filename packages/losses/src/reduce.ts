import { type Expr, mapReduce, mean, pointwise, ShapeError, sum, type Tensor } from "@thalweg/tensor";
import {
  apply,
  formatShape,
  oneOf,
  operation,
  options,
  type Signature,
  sameShape,
  scoped,
  tensorKind,
} from "@thalweg/tensor/internal";

/** The reduction of the single elements' losses. */
export type Reduction = "mean" | "sum" | "none";

/** Options that every loss has. */
export interface LossOptions {
  /** `"mean"` unless given. */
  readonly reduction?: Reduction;
}

/** The arguments of a loss: tensors of these names, and options besides the common `reduction`. */
export function signature(tensors: readonly string[], fields: Signature = {}): Signature {
  const named = Object.fromEntries(tensors.map((name) => [name, tensorKind]));
  return { ...named, options: options({ reduction: oneOf("mean", "sum", "none"), ...fields }) };
}

export const inputAndTarget: readonly string[] = ["input", "target"];

/** Computes the losses and reduces them. */
export function reduce(compute: () => Tensor, reduction: Reduction = "mean"): Tensor {
  return scoped(() => reduced(compute(), reduction));
}

/** Applies the reduction. */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? sum(losses) : mean(losses);
}

/** A loss of input and target alone. */
export type Loss<O> = (input: Tensor, target: Tensor, options?: O) => Tensor;

/** Computes losses of single elements and reduces them; losses that are reduced are never stored. */
export type Reduced = (reduction: Reduction | undefined, operands: (Tensor | number)[]) => Tensor;

/** Computes the losses of single elements from checked operands. */
export function elementwise<Arguments extends Expr[]>(
  name: string,
  loss: (...operands: Arguments) => Expr,
  options: Parameters<typeof pointwise>[2] = {},
): Reduced {
  const { op: none } = pointwise(name, loss, options);
  const by = { none, sum: mapReduce(none, "sum").op, mean: mapReduce(none, "mean").op };
  return (reduction = "mean", operands) => apply<void>(by[reduction], operands, undefined);
}

/** A loss of input and target without options of its own. */
export function elementwiseLoss(name: string, loss: (input: Expr, target: Expr) => Expr): Loss<LossOptions> {
  const compute = elementwise(name, loss);
  return operation(
    name,
    signature(inputAndTarget),
    (input: Tensor, target: Tensor, options?: LossOptions) => {
      checkSameShape(name, input, target);
      return compute(options?.reduction, [input, target]);
    },
  );
}

/**
 * Throws when the shapes differ. Broadcasting [n, 1] against [n] would silently compute n² losses, which is seldom
 * intended.
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
