import { argmax, gt, IndexError, ShapeError, type Tensor } from "@thalweg/tensor";
import {
  count,
  formatShape,
  integer,
  type Kind,
  list,
  number,
  required,
  sameShape,
  tensorKind,
} from "@thalweg/tensor/internal";
import type { Reading } from "./metric";
import { MetricError } from "./metric-error";

/** Options of metrics that compare predicted classes with true ones. */
export interface ClassMetricOptions {
  /**
   * The input has one score for each target, and scores above this are class 1, the others class 0: 0.5 for probabilities, 0 for
   * logits. Unless given, such an input holds the classes themselves.
   */
  readonly threshold?: number;
  /** Targets of this class are not counted; all are counted unless given. */
  readonly ignoreIndex?: number;
}

export const classOptions = { threshold: number, ignoreIndex: integer };
/** The batches of most metrics. */
export type Pair = [input: Tensor, target: Tensor];

export const inputAndTarget = { input: tensorKind, target: tensorKind };

export const counts: Kind = /* @__PURE__ */ required(/* @__PURE__ */ list(count));

/** Limit of the classes that a target may name without being refused: more are the sign of another mistake. */
const mostClasses = 2 ** 20;

/** The dimension of the scores of the classes; null if the input has none. */
export function classDim(op: string, input: Tensor, target: Tensor): number | null {
  const dim = input.ndim === 1 ? 0 : 1;
  if (sameShape(input.shape, target.shape)) return null;
  if (input.ndim > 0 && sameShape(input.shape.toSpliced(dim, 1), target.shape)) return dim;
  const shapes = [input.shape, target.shape];
  throw new ShapeError(
    op,
    `the target does not fit the input, ${shapes.map(formatShape).reverse().join(" and ")}`,
    "use scores [batch, classes, ...] and classes [batch, ...], or two tensors of one shape",
    shapes,
  );
}

/** The predicted classes, and the true ones. */
export function selectClasses(
  op: string,
  [input, target]: Pair,
  { threshold }: ClassMetricOptions,
): readonly [predicted: Tensor, target: Tensor] {
  const dim = classDim(op, input, target);
  if (dim === null) return [threshold === undefined ? input : gt(input, threshold), target];
  if (threshold === undefined) return [argmax(input, dim), target];
  const shapes = `${formatShape(input.shape)} for ${formatShape(target.shape)}`;
  throw new MetricError(
    op,
    `there is a threshold, and the input has scores of several classes, ${shapes}`,
    "leave the threshold out",
  );
}

/** The number of classes that the scores of a batch tell; 0 if its input has none. */
export function classesIn([input, target]: Pair): number {
  return input.ndim === target.ndim ? 0 : input.shape[input.ndim === 1 ? 0 : 1]!;
}

/** Calls back for each target that counts. Throws before that if one of the values is no class. */
export function forEachTarget(
  op: string,
  readings: readonly Reading[],
  classes: number,
  ignored: number | undefined,
  each: (predicted: number, target: number) => void,
): void {
  const limit = classes === 0 ? mostClasses : classes;
  const [input, target] = readings.map(({ values }) => values);
  for (let i = 0; i < target!.length; i++) {
    if (target![i] === ignored) continue;
    checkClass(op, "input", input![i]!, limit);
    checkClass(op, "target", target![i]!, limit);
  }
  for (let i = 0; i < target!.length; i++) {
    if (target![i] !== ignored) each(input![i]!, target![i]!);
  }
}

function checkClass(op: string, name: string, value: number, limit: number): void {
  if (!Number.isInteger(value)) {
    throw new MetricError(
      op,
      `the ${name} holds ${value}, which is no class`,
      "give a threshold if these are scores of two classes: 0.5 for probabilities, 0 for logits",
    );
  }
  if (value >= 0 && value < limit) return;
  throw new IndexError(
    op,
    `the ${name} holds ${value}, and classes go from 0 to ${limit - 1}`,
    "give ignoreIndex if such targets do not count",
  );
}
