import { boolean, checkArguments, kind, options as optionsOf } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import { ColumnwisePreprocessor, type Rule } from "./columnwise";
import { savedOf } from "./saved";
import { type Table, valuesOf } from "./table";

/** Options of {@link MinMaxScaler}. */
export interface MinMaxScalerOptions {
  /** The results for the smallest and the largest value of a column; `[0, 1]` unless given. */
  readonly featureRange?: readonly [low: number, high: number];
  /** Whether values beyond those of `fit` become the ends of the range; false unless given. */
  readonly clip?: boolean;
}

/** What is learned of each column. */
interface Ends {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

const range = /* @__PURE__ */ kind(
  "two finite numbers, the smaller one first",
  (value) =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1],
);
const signature = {
  options: /* @__PURE__ */ optionsOf<MinMaxScalerOptions>({ featureRange: range, clip: boolean }),
};

/** The smallest and the largest value of a column; NaN if there are none. */
function endsOf(op: string, table: Table, column: number): [min: number, max: number] {
  const values = valuesOf(table, column);
  if (values.length === 0) return [Number.NaN, Number.NaN];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (Number.isFinite(max - min)) return [min, max];
  const problem = `column ${column} reaches from ${min} to ${max}`;
  throw new DataError(op, problem, "replace infinite and huge values");
}

function ruleOf({ featureRange: [low, high] = [0, 1], clip = false }: MinMaxScalerOptions): Rule<Ends> {
  const clipped = (value: number) => (clip ? Math.min(Math.max(value, low), high) : value);
  /** The smallest value of each column, and its distance from the largest; 1 where they are the same. */
  const spans = ({ min, max }: Ends) => min.map((least, k) => [least, max[k]! - least || 1] as const);
  return {
    name: "MinMaxScaler",
    options: { featureRange: [savedOf(low), savedOf(high)], clip },
    lists: { min: "numbers", max: "numbers" },
    learn(op, table) {
      const ends = Array.from({ length: table.columns }, (_, column) => endsOf(op, table, column));
      return { min: ends.map(([min]) => min), max: ends.map(([, max]) => max) };
    },
    widths: ({ min: { length } }) => [length, length],
    misfit({ min, max }) {
      if (min.length !== max.length) {
        return `the numbers of smallest and largest values are ${min.length} and ${max.length}`;
      }
      const wrong = min.findIndex((value, k) => value > max[k]!);
      return wrong === -1 ? undefined : `a column from ${min[wrong]} to ${max[wrong]}`;
    },
    apply(_, ends, { values, columns }, out) {
      const all = spans(ends);
      values.forEach((value, i) => {
        const [least, span] = all[i % columns]!;
        out[i] = clipped(low + ((value - least) / span) * (high - low));
      });
    },
    invert(_, ends, { values, columns }, out) {
      const all = spans(ends);
      values.forEach((value, i) => {
        const [least, span] = all[i % columns]!;
        out[i] = least + ((value - low) / (high - low)) * span;
      });
    },
  };
}

/**
 * Moves and scales each column so that it reaches from one number to another, as scikit-learn's does.
 *
 * Where a column is constant, it is moved and not scaled. NaN is left out, and stays NaN; a column of NaN alone gives NaN.
 *
 * @example
 * const scaler = new MinMaxScaler({ featureRange: [-1, 1] });
 * scaler.fitTransform(tensor([[0], [5], [10]])).toArray(); // → [[-1],[0],[1]]
 * scaler.transform(tensor([[20]])).toArray(); // → [[3]]
 */
export class MinMaxScaler extends ColumnwisePreprocessor {
  constructor(options: MinMaxScalerOptions = {}) {
    checkArguments("MinMaxScaler", signature, [options]);
    super(ruleOf(options));
  }

  /**
   * The smallest value of each column. A copy.
   *
   * @throws DataError before `fit`.
   */
  get min(): number[] {
    return [...(this.known(this.op("min")) as Ends).min];
  }

  /**
   * The largest value of each column. A copy.
   *
   * @throws DataError before `fit`.
   */
  get max(): number[] {
    return [...(this.known(this.op("max")) as Ends).max];
  }
}
