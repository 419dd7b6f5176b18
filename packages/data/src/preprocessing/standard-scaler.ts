import { boolean, checkArguments, options as optionsOf } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import { ColumnwisePreprocessor, type Rule } from "./columnwise";
import { meanOf, type Table, valuesOf } from "./table";

/** Options of {@link StandardScaler}. */
export interface StandardScalerOptions {
  /** Whether the mean is subtracted; true unless given. */
  readonly withMean?: boolean;
  /** Whether columns are divided by their standard deviation; true unless given. */
  readonly withStd?: boolean;
}

/** What is learned of each column. */
interface Moments {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

const signature = {
  options: /* @__PURE__ */ optionsOf<StandardScalerOptions>({ withMean: boolean, withStd: boolean }),
};

/** The mean of a column, and its standard deviation; 1 where it is constant but for the rounding of its values. */
function momentsOf(op: string, table: Table, column: number): [mean: number, scale: number] {
  const values = valuesOf(table, column);
  const mean = meanOf(values);
  let [squares, rest] = [0, 0];
  for (const value of values) {
    const deviation = value - mean;
    squares += deviation * deviation;
    rest += deviation;
  }
  // The deviations do not quite add up to 0, since the mean is rounded.
  const deviation = Math.sqrt(Math.max(0, squares - (rest * rest) / values.length) / values.length);
  if (values.length > 0 && !Number.isFinite(deviation)) {
    const problem = `column ${column} has the mean ${mean} and the standard deviation ${deviation}`;
    throw new DataError(op, problem, "replace infinite and huge values");
  }
  return [mean, deviation <= Math.abs(mean) * Number.EPSILON ? 1 : deviation];
}

function ruleOf({ withMean = true, withStd = true }: StandardScalerOptions): Rule<Moments> {
  /** What is subtracted from a column, and what it is divided by afterwards. */
  const steps = ({ mean, scale }: Moments) =>
    mean.map((center, k) => [withMean ? center : 0, withStd ? scale[k]! : 1] as const);
  return {
    name: "StandardScaler",
    options: { withMean, withStd },
    lists: { mean: "numbers", scale: "numbers" },
    learn(op, table) {
      const moments = Array.from({ length: table.columns }, (_, column) => momentsOf(op, table, column));
      return { mean: moments.map(([mean]) => mean), scale: moments.map(([, scale]) => scale) };
    },
    widths: ({ mean: { length } }) => [length, length],
    misfit({ mean, scale }) {
      if (mean.length !== scale.length) {
        return `the numbers of means and scales are ${mean.length} and ${scale.length}`;
      }
      const wrong = scale.find((value) => value <= 0 || value === Number.POSITIVE_INFINITY);
      return wrong === undefined ? undefined : `a scale of ${wrong}`;
    },
    apply(_, moments, { values, columns }, out) {
      const all = steps(moments);
      values.forEach((value, i) => {
        const [center, scale] = all[i % columns]!;
        out[i] = (value - center) / scale;
      });
    },
    invert(_, moments, { values, columns }, out) {
      const all = steps(moments);
      values.forEach((value, i) => {
        const [center, scale] = all[i % columns]!;
        out[i] = value * scale + center;
      });
    },
  };
}

/**
 * Subtracts the mean of each column and divides by its standard deviation, as scikit-learn's does.
 *
 * The deviation is that of all rows (divided by their number), and 1 where a column is constant. NaN is left out of both, and
 * stays NaN; a column of NaN alone has NaN for both.
 *
 * @example
 * const scaler = new StandardScaler();
 * scaler.fitTransform(tensor([[1, 10], [3, 30], [5, 50]])).mean(0).toArray(); // → [0,0]
 * scaler.mean; // → [3,30]
 * scaler.transform(tensor([[3, 30]])).toArray(); // → [[0,0]]
 * scaler.inverseTransform(tensor([[0, 0]])).toArray(); // → [[3,30]]
 */
export class StandardScaler extends ColumnwisePreprocessor {
  constructor(options: StandardScalerOptions = {}) {
    checkArguments("StandardScaler", signature, [options]);
    super(ruleOf(options));
  }

  /**
   * The mean of each column. A copy.
   *
   * @throws DataError before `fit`.
   */
  get mean(): number[] {
    return [...(this.known(this.op("mean")) as Moments).mean];
  }

  /**
   * The standard deviation of each column, or 1. A copy.
   *
   * @throws DataError before `fit`.
   */
  get scale(): number[] {
    return [...(this.known(this.op("scale")) as Moments).scale];
  }
}
