import type { Tensor } from "@thalweg/tensor";
import { checkArguments, kind, oneOf, options as optionsOf } from "@thalweg/tensor/internal";
import {
  type ClassMetricOptions,
  classesIn,
  classOptions,
  counts,
  forEachTarget,
  inputAndTarget,
  type Pair,
  selectClasses,
} from "./classes";
import { Metric, type Rule } from "./metric";
import { MetricError } from "./metric-error";

/** Options of {@link ConfusionMatrix}. */
export interface ConfusionMatrixOptions extends ClassMetricOptions {
  /**
   * What counts are divided by: the sum of their row (`"true"`), of their column (`"pred"`), or of everything (`"all"`). Where that
   * is 0, so is the result. `"none"` unless given.
   */
  readonly normalize?: "none" | "true" | "pred" | "all";
}

interface Counts {
  readonly cells: number[];
}

const signature = {
  classes: /* @__PURE__ */ kind(
    "a whole number from 1 to 4096",
    (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 4096,
  ),
  options: /* @__PURE__ */ optionsOf<ConfusionMatrixOptions>({
    ...classOptions,
    normalize: /* @__PURE__ */ oneOf("none", "true", "pred", "all"),
  }),
};

function confusionRule(classes: number, options: ConfusionMatrixOptions): Rule<Pair, number[][], Counts> {
  const { threshold = null, ignoreIndex, normalize = "none" } = options;
  return {
    name: "ConfusionMatrix",
    takes: inputAndTarget,
    options: { classes, threshold, ignoreIndex: ignoreIndex ?? null },
    kinds: { cells: counts },
    empty: () => ({ cells: new Array<number>(classes ** 2).fill(0) }),
    isEmpty: ({ cells }) => cells.every((count) => count === 0),
    select(op, batch) {
      const given = classesIn(batch);
      if (given <= classes) return selectClasses(op, batch, options);
      const problem = `the input has scores of ${given} classes, and the matrix has ${classes}`;
      throw new MetricError(op, problem, "make the matrix larger");
    },
    count({ cells }, readings, op) {
      forEachTarget(op, readings, classes, ignoreIndex, (predicted, target) => {
        cells[target * classes + predicted]!++;
      });
    },
    add({ cells }, others) {
      others.cells.forEach((count, i) => {
        cells[i]! += count;
      });
    },
    misfit: ({ cells }) => (cells.length === classes ** 2 ? undefined : `it has ${cells.length} counts`),
    result({ cells }) {
      const rows = Array.from({ length: classes }, (_, i) => cells.slice(i * classes, (i + 1) * classes));
      return normalize === "none" ? rows : normalized(rows, normalize);
    },
  };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function normalized(rows: readonly number[][], by: "true" | "pred" | "all"): number[][] {
  const columns = rows.map((_, j) => sum(rows.map((row) => row[j]!)));
  const all = sum(columns);
  return rows.map((row) => {
    const inRow = sum(row);
    return row.map((count, j) => {
      const whole = { true: inRow, pred: columns[j]!, all }[by];
      return whole === 0 ? 0 : count / whole;
    });
  });
}

/**
 * How often each class was taken for each other. Rows are true classes, columns are predicted ones. `update` takes what that of
 * {@link Accuracy} takes.
 *
 * @example
 * const confusion = new ConfusionMatrix(2);
 * confusion.update(tensor([0, 1, 1]), tensor([0, 0, 1]));
 * confusion.compute(); // → [[1,1],[0,1]]
 */
export class ConfusionMatrix extends Metric<[input: Tensor, target: Tensor], number[][]> {
  /** Number of classes. */
  readonly classes: number;

  /** @param classes number of classes, from 1 to 4096 */
  constructor(classes: number, options: ConfusionMatrixOptions = {}) {
    checkArguments("ConfusionMatrix", signature, [classes, options]);
    super(confusionRule(classes, options));
    this.classes = classes;
  }
}
