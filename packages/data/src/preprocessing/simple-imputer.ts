import { ArgumentError } from "@thalweg/tensor";
import { boolean, checkArguments, oneOf, options as optionsOf, real } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import { ColumnwisePreprocessor, type Rule } from "./columnwise";
import { savedOf } from "./saved";
import { meanOf, type Table, valuesOf } from "./table";

/** What replaces the missing values of a column: its mean, its median, its most frequent value, or a number. */
export type ImputerStrategy = "mean" | "median" | "mostFrequent" | "constant";

/** Options of {@link SimpleImputer}. */
export interface SimpleImputerOptions {
  /** What replaces NaN; `"mean"` unless given. Of values that are equally frequent it is the smallest. */
  readonly strategy?: ImputerStrategy;
  /** The number that replaces NaN if the strategy is `"constant"`; 0 unless given. */
  readonly fillValue?: number;
  /**
   * Whether a column of zeros and ones, where one means that the value was missing, is added for each column in which `fit` saw NaN;
   * false unless given. They come after all others.
   */
  readonly addIndicator?: boolean;
}

/** What is learned. */
interface Fills {
  /** The replacement of NaN in each column. */
  readonly statistics: readonly number[];
  /** The columns that have an indicator. */
  readonly indicators: readonly number[];
}

const signature = {
  options: /* @__PURE__ */ optionsOf<SimpleImputerOptions>({
    strategy: /* @__PURE__ */ oneOf("mean", "median", "mostFrequent", "constant"),
    fillValue: real,
    addIndicator: boolean,
  }),
};

function median(values: Float64Array): number {
  const sorted = values.sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The most frequent number; the smallest of several. */
function mostFrequent(values: Float64Array): number {
  const sorted = values.sort();
  let [best, most, count] = [Number.NaN, 0, 0];
  sorted.forEach((value, i) => {
    count = value === sorted[i - 1] ? count + 1 : 1;
    if (count > most) [best, most] = [value, count];
  });
  return best;
}

/** The statistics by their names; they may sort their argument. */
const statistics = { mean: meanOf, median, mostFrequent };

function ruleOf(options: SimpleImputerOptions): Rule<Fills> {
  const { strategy = "mean", fillValue = 0, addIndicator = false } = options;
  const statisticOf = (op: string, column: number, values: Float64Array) => {
    if (strategy === "constant") return fillValue;
    if (values.length === 0) throw new DataError(op, `column ${column} has no value at all`, "leave it out");
    const found = statistics[strategy](values);
    if (Number.isFinite(found)) return found;
    throw new DataError(op, `the ${strategy} of column ${column} is ${found}`, "replace infinite values");
  };
  return {
    name: "SimpleImputer",
    options: { strategy, fillValue: savedOf(fillValue), addIndicator },
    lists: { statistics: "numbers", indicators: "numbers" },
    learn(op, table) {
      const indicators: number[] = [];
      const statistics = Array.from({ length: table.columns }, (_, column) => {
        const values = valuesOf(table, column);
        if (addIndicator && values.length < table.rows) indicators.push(column);
        return statisticOf(op, column, values);
      });
      return { statistics, indicators };
    },
    widths: ({ statistics: { length }, indicators }) => [length, length + indicators.length],
    misfit({ statistics, indicators }) {
      const isColumn = (k: number) => Number.isInteger(k) && k >= 0 && k < statistics.length;
      const wrong = indicators.find((k, i) => !isColumn(k) || k <= (indicators[i - 1] ?? -1));
      if (wrong !== undefined) return `an indicator of column ${wrong}`;
      if (!addIndicator && indicators.length > 0) return "it has indicators";
      return statistics.some(Number.isNaN) ? "a replacement is NaN" : undefined;
    },
    apply(_, { statistics, indicators }, { values, rows, columns }, out) {
      const width = columns + indicators.length;
      for (let row = 0; row < rows; row++) {
        const at = row * columns;
        statistics.forEach((statistic, k) => {
          const value = values[at + k]!;
          out[row * width + k] = Number.isNaN(value) ? statistic : value;
        });
        indicators.forEach((column, k) => {
          out[row * width + columns + k] = Number.isNaN(values[at + column]!) ? 1 : 0;
        });
      }
    },
    invert(op, { statistics: { length }, indicators }, table, out) {
      if (!addIndicator) {
        const problem = "nothing tells which values were missing";
        throw new DataError(op, problem, "make it with addIndicator: true");
      }
      restore(indicators, length, table, out);
    },
  };
}

/** Puts NaN back where an indicator is not 0. */
function restore(
  indicators: readonly number[],
  width: number,
  { values, rows, columns }: Table,
  out: Float32Array | Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    for (let k = 0; k < width; k++) out[row * width + k] = values[at + k]!;
    indicators.forEach((column, k) => {
      if (values[at + width + k] !== 0) out[row * width + column] = Number.NaN;
    });
  }
}

/**
 * Replaces NaN by a number for each column, as scikit-learn's does. `readCsv` with `missing: "keep"` gives NaN for cells without a
 * value.
 *
 * @example
 * const imputer = new SimpleImputer({ strategy: "median", addIndicator: true });
 * imputer.fitTransform(tensor([[1, 7], [NaN, 8], [5, 9]])).toArray(); // → [[1,7,0],[3,8,1],[5,9,0]]
 * imputer.statistics; // → [3,8]
 */
export class SimpleImputer extends ColumnwisePreprocessor {
  /** @throws ArgumentError when `fillValue` is given and the strategy is not `"constant"`. */
  constructor(options: SimpleImputerOptions = {}) {
    checkArguments("SimpleImputer", signature, [options]);
    if (options.fillValue !== undefined && options.strategy !== "constant") {
      const problem = `fillValue is ${options.fillValue}, and the strategy is not "constant"`;
      throw new ArgumentError("SimpleImputer", problem, 'pass strategy: "constant"');
    }
    super(ruleOf(options));
  }

  /**
   * The replacement of NaN in each column. A copy.
   *
   * @throws DataError before `fit`.
   */
  get statistics(): number[] {
    return [...(this.known(this.op("statistics")) as Fills).statistics];
  }
}
