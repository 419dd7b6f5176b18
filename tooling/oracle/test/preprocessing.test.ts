import {
  ColumnTransformer,
  type DType,
  MinMaxScaler,
  OneHotEncoder,
  Pipeline,
  type Preprocessor,
  SimpleImputer,
  StandardScaler,
  type Tensor,
  tensor,
} from "thalweg";
import { describe, it } from "vitest";
import { construct } from "./api";
import { Comparison, dtypes } from "./compare";
import { type Encoded, load } from "./fixture";

type Rows = readonly (readonly Encoded[])[];

interface Case {
  readonly name: string;
  readonly preprocessor: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The table that is learned from. */
  readonly learned: Rows;
  /** The table that is prepared. */
  readonly other: Rows;
  readonly expected: Rows;
  /** What the inverse makes of `expected`; null where there is none. */
  readonly inverse: Rows | null;
}

const { cases } = load<{ cases: readonly Case[] }>("preprocessing");

/** The compositions of the cases. */
const compositions: Readonly<Record<string, (options: object) => Preprocessor>> = {
  ColumnTransformer: (options) =>
    new ColumnTransformer(
      [
        [new OneHotEncoder({ handleUnknown: "ignore" }), [2]],
        [new Pipeline(new SimpleImputer({ strategy: "median" }), new StandardScaler()), [1, 0]],
      ],
      options,
    ),
  Pipeline: () => new Pipeline(new StandardScaler(), new MinMaxScaler()),
};

const make = (name: string, options: Case["options"]): Preprocessor => {
  const { unknownValue } = options;
  const own = unknownValue === undefined ? options : { ...options, unknownValue: Number(unknownValue) };
  return compositions[name]?.(own) ?? construct<Preprocessor>(name, [own]);
};

const table = (rows: Rows, dtype: DType): Tensor =>
  tensor(
    rows.map((row) => row.map(Number)),
    { dtype },
  );

describe.each(dtypes)("preprocessors of %s", (dtype) => {
  it.each(cases.map((one) => [`${one.preprocessor}: ${one.name}`, one] as const))("%s", (_, one) => {
    const { preprocessor: name, options, learned, other, expected, inverse } = one;
    const preprocessor = make(name, options);
    preprocessor.fit(table(learned, dtype));
    const comparison = new Comparison(dtype);
    const shapeOf = (rows: Rows) => [rows.length, rows[0]!.length];
    const made = preprocessor.transform(table(other, dtype));
    comparison.tensor("result", made, shapeOf(expected), expected.flat());
    if (inverse !== null) {
      const back = preprocessor.inverseTransform!(made);
      comparison.tensor("inverse", back, shapeOf(inverse), inverse.flat());
    }
    comparison.finish(inverse === null ? 1 : 2);
  });
});
