import { checkArguments, oneOf, options as optionsOf } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import { type Categories, categoriesIn, misfitOf, positionsIn, unknown } from "./categories";
import { ColumnwisePreprocessor, type Rule } from "./columnwise";

/** Options of {@link OneHotEncoder}. */
export interface OneHotEncoderOptions {
  /**
   * The treatment of values that `fit` has not seen: `"error"` refuses them, and `"ignore"` makes zeros of them; `"error"` unless
   * given.
   */
  readonly handleUnknown?: "error" | "ignore";
}

const signature = {
  options: /* @__PURE__ */ optionsOf<OneHotEncoderOptions>({
    handleUnknown: /* @__PURE__ */ oneOf("error", "ignore"),
  }),
};

/** The first columns of the categories of each column, and the number of all. */
function startsOf({ categories }: Categories): number[] {
  const starts = [0];
  for (const { length } of categories) starts.push(starts.at(-1)! + length);
  return starts;
}

/** The place of the largest of some numbers; -1 if all are 0. Throws if one is NaN. */
function hottest(op: string, row: number, numbers: Iterable<number>): number {
  let [place, largest, isHot, k] = [-1, Number.NEGATIVE_INFINITY, false, 0];
  for (const value of numbers) {
    if (Number.isNaN(value)) {
      throw new DataError(op, `there is NaN in row ${row}`, "pass what transform makes, or scores");
    }
    if (value > largest) [largest, place] = [value, k];
    isHot ||= value !== 0;
    k++;
  }
  return isHot ? place : -1;
}

function ruleOf({ handleUnknown = "error" }: OneHotEncoderOptions): Rule<Categories> {
  return {
    name: "OneHotEncoder",
    options: { handleUnknown },
    lists: { categories: "lists" },
    learn: (_, table) => categoriesIn(table, true),
    widths: (learned) => [learned.categories.length, startsOf(learned).at(-1)!],
    misfit: (learned) =>
      learned.categories.some(({ length }) => length === 0)
        ? "a column has no categories"
        : misfitOf(learned, true),
    apply(op, learned, { values, columns }, out) {
      const [positions, starts] = [positionsIn(learned), startsOf(learned)];
      const width = starts.at(-1)!;
      values.forEach((value, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        const position = positions[column]!.get(value);
        if (position !== undefined) out[row * width + starts[column]! + position] = 1;
        else if (handleUnknown === "error") {
          throw unknown(op, learned, value, [row, column], 'pass handleUnknown: "ignore"');
        }
      });
    },
    invert(op, learned, { values, rows, columns }, out) {
      const starts = startsOf(learned);
      const width = learned.categories.length;
      for (let row = 0; row < rows; row++) {
        const scores = values.subarray(row * columns, (row + 1) * columns);
        learned.categories.forEach((categories, k) => {
          const place = hottest(op, row, scores.subarray(starts[k]!, starts[k + 1]!));
          if (place === -1 && handleUnknown === "error") {
            const problem = `row ${row} has zeros alone for column ${k}`;
            throw new DataError(op, problem, 'pass handleUnknown: "ignore" for NaN');
          }
          out[row * width + k] = place === -1 ? Number.NaN : categories[place]!;
        });
      }
    },
  };
}

/**
 * Makes a column of zeros and ones for each category of each column, as scikit-learn's does. The categories are the values that
 * `fit` has seen, in ascending order; NaN is one, too, and comes last. `readCsv` makes numbers of texts.
 *
 * `inverseTransform` takes the category of the largest number, so it takes scores, too. Zeros alone give NaN if unknown values are ignored.
 *
 * @example
 * const encoder = new OneHotEncoder({ handleUnknown: "ignore" });
 * encoder.fitTransform(tensor([[7], [5], [7]])).toArray(); // → [[0,1],[1,0],[0,1]]
 * encoder.transform(tensor([[5], [6]])).toArray(); // → [[1,0],[0,0]]
 * encoder.categories; // → [[5,7]]
 */
export class OneHotEncoder extends ColumnwisePreprocessor {
  constructor(options: OneHotEncoderOptions = {}) {
    checkArguments("OneHotEncoder", signature, [options]);
    super(ruleOf(options));
  }

  /**
   * The categories of each column. A copy.
   *
   * @throws DataError before `fit`.
   */
  get categories(): number[][] {
    return (this.known(this.op("categories")) as Categories).categories.map((of) => [...of]);
  }
}
