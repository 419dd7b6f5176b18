import type { Tensor } from "@thalweg/tensor";
import { checkArguments, kind, oneOf, options as optionsOf } from "@thalweg/tensor/internal";
import { meanOfDefined } from "./averages";
import {
  type ClassMetricOptions,
  classesIn,
  classOptions,
  counts as countsKind,
  forEachTarget,
  inputAndTarget,
  type Pair,
  selectClasses,
} from "./classes";
import { Metric, type Rule } from "./metric";
import { MetricError } from "./metric-error";

/**
 * What becomes of the numbers of the classes: that of class 1 (`"binary"`), one of all examples together (`"micro"`), their mean
 * (`"macro"`), their mean weighted by the examples of each class (`"weighted"`), or all of them (`"none"`).
 */
export type Average = "binary" | "micro" | "macro" | "weighted" | "none";

/** Options of {@link Precision}, {@link Recall} and {@link F1}. */
export interface PrecisionRecallOptions<A extends Average = Average> extends ClassMetricOptions {
  /** `"binary"` unless given, which refuses classes other than 0 and 1. */
  readonly average?: A;
  /** The result where it would be 0/0, because a class is never predicted, or never true: 0, 1 or NaN; 0 unless given. */
  readonly zeroDivision?: number;
}

/** A number for each class with the average `"none"`, otherwise one. */
export type PrecisionRecallResult<A> = A extends "none" ? number[] : number;

/** Counts by class. */
interface Counts {
  readonly right: number[];
  readonly predicted: number[];
  readonly actual: number[];
}

const signature = {
  options: /* @__PURE__ */ optionsOf<PrecisionRecallOptions>({
    ...classOptions,
    average: /* @__PURE__ */ oneOf("binary", "micro", "macro", "weighted", "none"),
    zeroDivision: /* @__PURE__ */ kind("0, 1 or NaN", (value) =>
      [0, 1, Number.NaN].includes(value as number),
    ),
  }),
};

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const lists = ["right", "predicted", "actual"] as const;

function grow(counts: Counts, classes: number): void {
  for (const name of lists) while (counts[name].length < classes) counts[name].push(0);
}

/** Numerator and denominator, from the counts of a class. */
type Quotient = (right: number, predicted: number, actual: number) => readonly [number, number];

/** The rule of quotients of counts of each class. */
function quotientRule<A extends Average>(
  name: string,
  options: PrecisionRecallOptions<A>,
  quotient: Quotient,
): Rule<Pair, PrecisionRecallResult<A>, Counts> {
  checkArguments(name, signature, [options]);
  const { threshold = null, ignoreIndex } = options;
  return {
    name,
    takes: inputAndTarget,
    options: { threshold, ignoreIndex: ignoreIndex ?? null },
    kinds: { right: countsKind, predicted: countsKind, actual: countsKind },
    empty: () => ({ right: [], predicted: [], actual: [] }),
    isEmpty: ({ actual }) => sum(actual) === 0,
    select: (op, batch) => selectClasses(op, batch, options),
    count(counts, readings, op, batch) {
      const known = classesIn(batch);
      const { right, predicted, actual } = counts;
      forEachTarget(op, readings, known, ignoreIndex, (found, target) => {
        grow(counts, Math.max(known, found + 1, target + 1));
        predicted[found]!++;
        actual[target]!++;
        if (found === target) right[target]!++;
      });
    },
    add(counts, others) {
      grow(counts, others.right.length);
      for (const name of lists) {
        others[name].forEach((count, i) => {
          counts[name][i]! += count;
        });
      }
    },
    misfit({ right, predicted, actual }) {
      const fits =
        right.length === predicted.length &&
        right.length === actual.length &&
        right.every((count, i) => count <= predicted[i]! && count <= actual[i]!) &&
        sum(predicted) === sum(actual);
      return fits ? undefined : "its counts contradict each other";
    },
    result: (counts, op) => averaged(op, counts, options, quotient) as PrecisionRecallResult<A>,
  };
}

function averaged(
  op: string,
  { right, predicted, actual }: Counts,
  { average = "binary", zeroDivision = 0 }: PrecisionRecallOptions,
  quotient: Quotient,
): number | number[] {
  const divide = (...counts: Parameters<Quotient>) => {
    const [part, whole] = quotient(...counts);
    return whole === 0 ? zeroDivision : part / whole;
  };
  if (average === "micro") return divide(sum(right), sum(predicted), sum(actual));
  const each = right.map((count, i) => divide(count, predicted[i]!, actual[i]!));
  if (average === "none") return each;
  if (average === "binary") {
    const highest = actual.findLastIndex((count, i) => count + predicted[i]! > 0);
    if (highest <= 1) return each[1] ?? divide(0, 0, 0);
    throw new MetricError(
      op,
      `average is "binary", and there is a class ${highest}`,
      'pass average: "macro", "micro", "weighted" or "none"',
    );
  }
  // A class that occurs nowhere says nothing.
  const occurs = actual.map((count, i) => (count + predicted[i]! > 0 ? 1 : 0));
  return meanOfDefined(each, average === "weighted" ? actual : occurs);
}

/**
 * Of the examples that are predicted to be of a class, the share that are. `update` takes what that of {@link Accuracy} takes.
 * Classes that are neither predicted nor true are left out of `"macro"`, and so are those whose result is NaN by `zeroDivision`.
 *
 * @example
 * const precision = new Precision({ threshold: 0.5 });
 * precision.update(tensor([0.9, 0.8, 0.1]), tensor([1, 0, 0]));
 * precision.compute(); // → 0.5
 */
export class Precision<A extends Average = "binary"> extends Metric<
  [input: Tensor, target: Tensor],
  PrecisionRecallResult<A>
> {
  constructor(options: PrecisionRecallOptions<A> = {}) {
    super(quotientRule("Precision", options, (right, predicted) => [right, predicted]));
  }
}

/**
 * Of the examples of a class, the share that are predicted to be. The `"macro"` average is also called balanced accuracy. Otherwise
 * as {@link Precision}.
 *
 * @example
 * const recall = new Recall({ average: "none" });
 * recall.update(tensor([0, 2, 1, 1]), tensor([0, 1, 1, 2]));
 * recall.compute(); // → [1,0.5,0]
 */
export class Recall<A extends Average = "binary"> extends Metric<
  [input: Tensor, target: Tensor],
  PrecisionRecallResult<A>
> {
  constructor(options: PrecisionRecallOptions<A> = {}) {
    super(quotientRule("Recall", options, (right, _predicted, actual) => [right, actual]));
  }
}

/**
 * The harmonic mean of precision and recall. Otherwise as {@link Precision}.
 *
 * @example
 * const f1 = new F1({ average: "macro" });
 * f1.update(tensor([0, 2, 1, 1]), tensor([0, 1, 1, 2]));
 * f1.compute(); // → 0.5
 */
export class F1<A extends Average = "binary"> extends Metric<
  [input: Tensor, target: Tensor],
  PrecisionRecallResult<A>
> {
  constructor(options: PrecisionRecallOptions<A> = {}) {
    super(quotientRule("F1", options, (right, predicted, actual) => [2 * right, predicted + actual]));
  }
}
