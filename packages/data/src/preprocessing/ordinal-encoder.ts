import { ArgumentError } from "@thalweg/tensor";
import { checkArguments, kind, oneOf, options as optionsOf } from "@thalweg/tensor/internal";
import { type Categories, categoriesIn, misfitOf, positionsIn, unknown } from "./categories";
import { ColumnwisePreprocessor, type Rule } from "./columnwise";
import { savedOf } from "./saved";

/** Options of {@link OrdinalEncoder}. */
export interface OrdinalEncoderOptions {
  /**
   * The treatment of values that `fit` has not seen: `"error"` refuses them, and `"useEncodedValue"` makes `unknownValue` of them;
   * `"error"` unless given.
   */
  readonly handleUnknown?: "error" | "useEncodedValue";
  /** What values become that `fit` has not seen: a whole number below 0, or NaN. -1 unless given. */
  readonly unknownValue?: number;
}

const signature = {
  options: /* @__PURE__ */ optionsOf<OrdinalEncoderOptions>({
    handleUnknown: /* @__PURE__ */ oneOf("error", "useEncodedValue"),
    unknownValue: /* @__PURE__ */ kind(
      "a whole number below 0, or NaN",
      (value) => Number.isNaN(value) || (Number.isSafeInteger(value) && (value as number) < 0),
    ),
  }),
};

function ruleOf(options: OrdinalEncoderOptions): Rule<Categories> {
  const { handleUnknown = "error", unknownValue = -1 } = options;
  const isKept = handleUnknown === "useEncodedValue";
  return {
    name: "OrdinalEncoder",
    options: { handleUnknown, unknownValue: savedOf(unknownValue) },
    lists: { categories: "lists" },
    learn: (_, table) => categoriesIn(table, false),
    widths: ({ categories: { length } }) => [length, length],
    misfit: (learned) => misfitOf(learned, false),
    apply(op, learned, { values, columns }, out) {
      const positions = positionsIn(learned);
      values.forEach((value, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        const position = Number.isNaN(value) ? Number.NaN : positions[column]!.get(value);
        if (position === undefined && !isKept) {
          throw unknown(op, learned, value, [row, column], 'pass handleUnknown: "useEncodedValue"');
        }
        out[i] = position ?? unknownValue;
      });
    },
    invert(op, learned, { values, columns }, out) {
      values.forEach((value, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        const isMissing = Number.isNaN(value) || (isKept && value === unknownValue);
        const found = isMissing ? Number.NaN : learned.categories[column]![value];
        if (found === undefined) {
          const numbers = learned.categories.map((of) => [...of.keys()]);
          throw unknown(op, { categories: numbers }, value, [row, column], "pass what transform makes");
        }
        out[i] = found;
      });
    },
  };
}

/**
 * Numbers the categories of each column from 0 on, as scikit-learn's does, for instance to make class numbers of targets. The
 * categories are the values that `fit` has seen, in ascending order. NaN stays NaN.
 *
 * @example
 * const encoder = new OrdinalEncoder();
 * encoder.fitTransform(tensor([[30], [10], [30]])).toArray(); // → [[1],[0],[1]]
 * encoder.inverseTransform(tensor([[0], [1]])).toArray(); // → [[10],[30]]
 */
export class OrdinalEncoder extends ColumnwisePreprocessor {
  /** @throws ArgumentError when `unknownValue` is given and unknown values are an error. */
  constructor(options: OrdinalEncoderOptions = {}) {
    checkArguments("OrdinalEncoder", signature, [options]);
    if (options.unknownValue !== undefined && options.handleUnknown !== "useEncodedValue") {
      const problem = `unknownValue is ${options.unknownValue}, and unknown values are an error`;
      throw new ArgumentError("OrdinalEncoder", problem, 'pass handleUnknown: "useEncodedValue"');
    }
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
