import { fc, test } from "@fast-check/vitest";
import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect } from "vitest";
import {
  ColumnTransformer,
  type ColumnwisePreprocessor,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  Pipeline,
  SimpleImputer,
  StandardScaler,
} from "../index";

/** Tables of one type, of at least one row. */
const tables = (
  value: fc.Arbitrary<number>,
  dtype: "float32" | "float64" = "float64",
): fc.Arbitrary<Tensor> =>
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }))
    .chain(([rows, columns]) =>
      fc
        .array(value, { minLength: rows * columns, maxLength: rows * columns })
        .map((all) => tensor(Float64Array.from(all), { shape: [rows, columns], dtype })),
    );

const anyNumber = fc.double({ min: -1e100, max: 1e100, noNaN: true });
const orNaN = (of: fc.Arbitrary<number>) => fc.oneof({ weight: 4, arbitrary: of }, fc.constant(Number.NaN));
const category = fc.constantFrom(-2.5, 0, 1, 2, 1e300, Number.POSITIVE_INFINITY);

const columnsOf = (x: Tensor): number[][] =>
  Array.from({ length: x.shape[1]! }, (_, k) => Array.from(x.select(1, k).dataSync()));
const present = (column: readonly number[]) => column.filter((value) => !Number.isNaN(value));
const largest = (column: readonly number[]) => Math.max(...present(column).map(Math.abs), 0);

/** Expects two tables to be the same, up to rounding at the size of each column. */
function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const [all, others] = [columnsOf(actual), columnsOf(expected)];
  others.forEach((column, k) => {
    column.forEach((value, i) => {
      if (Number.isNaN(value)) expect(all[k]![i]).toBeNaN();
      else expect(Math.abs(all[k]![i]! - value)).toBeLessThanOrEqual(1e-14 * largest(column));
    });
  });
}

const scalers = {
  "a standard scaler": () => new StandardScaler(),
  "a standard scaler without a mean": () => new StandardScaler({ withMean: false }),
  "a standard scaler without a deviation": () => new StandardScaler({ withStd: false }),
  "a scaler to a range": () => new MinMaxScaler({ featureRange: [-1, 3] }),
};

describe.each(Object.entries(scalers))("%s", (_, make) => {
  test.prop([tables(orNaN(anyNumber))])("gives back what it was given", (x) => {
    const scaler = make();
    expectClose(scaler.inverseTransform(scaler.fitTransform(x)), x);
  });
});

describe("a standard scaler", () => {
  // Deviations that are not far below the size of the numbers.
  const value = fc.integer({ min: -1000, max: 1000 }).map((k) => k / 8);
  const offset = fc.constantFrom(0, 1, -1e6, 2 ** 40);
  test.prop([tables(orNaN(value)), offset])("makes columns of mean 0 and variance 1", (x, far) => {
    const scaler = new StandardScaler();
    columnsOf(scaler.fitTransform(x.add(far))).forEach((all, k) => {
      const column = present(all);
      if (column.length === 0) return;
      const mean = column.reduce((sum, y) => sum + y, 0) / column.length;
      const rounding = (Math.abs(scaler.mean[k]!) / scaler.scale[k]!) * Number.EPSILON;
      expect(Math.abs(mean)).toBeLessThanOrEqual(1e-13 + rounding);
      const variance = column.reduce((sum, y) => sum + (y - mean) ** 2, 0) / column.length;
      const isConstant = column.every((y) => y === 0);
      if (!isConstant) expect(variance).toBeCloseTo(1, 8);
    });
  });

  test.prop([anyNumber, fc.integer({ min: 1, max: 20 })])("moves a constant column to 0", (value, rows) => {
    const x = tensor(new Float64Array(rows).fill(value), { shape: [rows, 1], dtype: "float64" });
    const scaler = new StandardScaler();
    expect(scaler.fitTransform(x).eq(0).all().item()).toBe(1);
    expect(scaler.scale).toEqual([1]);
  });
});

describe("a scaler to a range", () => {
  test.prop([tables(orNaN(anyNumber))])("reaches its ends, and nothing beyond", (x) => {
    const made = columnsOf(new MinMaxScaler({ featureRange: [-1, 3] }).fitTransform(x)).map(present);
    columnsOf(x).forEach((column, k) => {
      const values = present(column);
      if (values.length === 0) return;
      const isConstant = values.every((value) => value === values[0]);
      expect(Math.min(...made[k]!)).toBe(-1);
      expect(Math.max(...made[k]!)).toBe(isConstant ? -1 : 3);
    });
  });

  test.prop([tables(anyNumber), tables(anyNumber)])("clips what it has not seen", (x, y) => {
    const scaler = new MinMaxScaler({ clip: true }).fit(x.narrow(1, 0, 1));
    const made = scaler.transform(y.narrow(1, 0, 1));
    expect([...made.dataSync()].every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});

describe("encoders", () => {
  test.prop([tables(orNaN(category))])("give back what they were given", (x) => {
    for (const encoder of [new OneHotEncoder(), new OrdinalEncoder()]) {
      expect(encoder.inverseTransform(encoder.fitTransform(x)).toArray()).toEqual(x.toArray());
    }
  });

  test.prop([tables(orNaN(category))])(
    "make one 1 for each column of a row, and class numbers in order",
    (x) => {
      const rows = new OneHotEncoder().fitTransform(x).toArray() as number[][];
      for (const row of rows) {
        expect(row.every((value) => value === 0 || value === 1)).toBe(true);
        expect(row.reduce((sum, value) => sum + value, 0)).toBe(x.shape[1]);
      }
      const [before, after] = [columnsOf(x), columnsOf(new OrdinalEncoder().fitTransform(x))];
      before.forEach((column, k) => {
        const expected = [...new Set(present(column))].sort((a, b) => a - b);
        expect(after[k]).toEqual(
          column.map((value) => (Number.isNaN(value) ? Number.NaN : expected.indexOf(value))),
        );
      });
    },
  );
});

describe("an imputer", () => {
  const filled = tables(orNaN(fc.integer({ min: -5, max: 5 }))).filter((x) =>
    columnsOf(x).every((column) => present(column).length > 0),
  );
  test.prop([filled, fc.constantFrom("mean", "median", "mostFrequent", "constant")])(
    "replaces NaN alone, within the values of its column, and gives NaN back",
    (x, strategy) => {
      const imputer = new SimpleImputer({ strategy, addIndicator: true });
      const made = imputer.fitTransform(x);
      const columns = columnsOf(x);
      columnsOf(made.narrow(1, 0, columns.length)).forEach((column, k) => {
        column.forEach((value, i) => {
          const before = columns[k]![i]!;
          expect(value).toBe(Number.isNaN(before) ? imputer.statistics[k] : before);
        });
        if (strategy === "constant") return;
        expect(imputer.statistics[k]).toBeGreaterThanOrEqual(Math.min(...present(columns[k]!)));
        expect(imputer.statistics[k]).toBeLessThanOrEqual(Math.max(...present(columns[k]!)));
      });
      expect(imputer.inverseTransform(made).toArray()).toEqual(x.toArray());
    },
  );
});

describe("a state", () => {
  const makers: Record<string, () => ColumnwisePreprocessor> = {
    ...scalers,
    "an imputer": () => new SimpleImputer({ strategy: "constant", fillValue: -0, addIndicator: true }),
    "a one-hot encoder": () => new OneHotEncoder({ handleUnknown: "ignore" }),
    "an ordinal encoder": () => new OrdinalEncoder({ handleUnknown: "useEncodedValue", unknownValue: -3 }),
  };
  const numbers = fc.oneof(anyNumber, fc.constantFrom(-2.5, -0, 0, 1));

  describe.each(Object.entries(makers))("of %s", (_, make) => {
    test.prop([tables(orNaN(numbers)), tables(orNaN(numbers)), fc.constantFrom("float32", "float64")])(
      "goes through JSON, and gives the same bits",
      (x, y, dtype) => {
        const [first, second] = [make().fit(x), make()];
        second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
        expect(second.stateDict()).toEqual(first.stateDict());
        const columns = [...Array(x.shape[1]).keys()].map((k) => Math.min(k, y.shape[1]! - 1));
        const other = y.indexSelect(1, tensor(Int32Array.from(columns))).to(dtype);
        const made = (by: ColumnwisePreprocessor) => [...by.transform(other).dataSync()];
        expect(made(second)).toEqual(made(first));
      },
    );
  });

  test.prop([tables(orNaN(fc.integer({ min: 0, max: 3 })))])("of nested preprocessors does, too", (x) => {
    const make = () =>
      new ColumnTransformer(
        [
          [new Pipeline(new SimpleImputer({ strategy: "constant" }), new StandardScaler()), [0]],
          [new OneHotEncoder(), [x.shape[1]! - 1]],
        ],
        { remainder: "passthrough" },
      );
    const [first, second] = [make(), make()];
    const made = first.fitTransform(x);
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
    expect(second.transform(x).toArray()).toEqual(made.toArray());
  });
});
