import { ArgumentError, DeviceError, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  ColumnwisePreprocessor,
  DataError,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  SimpleImputer,
  StandardScaler,
} from "../index";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const float64 = { dtype: "float64" } as const;

describe("every preprocessor of columns", () => {
  const all = [StandardScaler, MinMaxScaler, SimpleImputer, OneHotEncoder, OrdinalEncoder];
  const named = all.map((Class) => [Class.name, Class] as const);

  it.each(named)("%s makes float64 of float64, and float32 of other types", (_, Class) => {
    const types = (["float64", "float32", "int32", "bool"] as const).map((dtype) => {
      const preprocessor = new Class({});
      const made = preprocessor.fitTransform(tensor([[0], [1]]).to(dtype));
      return made.dtype;
    });
    expect(types).toEqual(["float64", "float32", "float32", "float32"]);
  });

  it.each(named)("%s reads views, leaves them as they are, and carries no gradient", (_, Class) => {
    const x = tensor([
      [1, 5, 1],
      [0, 6, 1],
    ]);
    const view = x.transpose(0, 1).slice([0, 3, 2]);
    const [a, b] = [new Class(), new Class()];
    const made = a.fitTransform(view.detach().clone().contiguous());
    expect(b.fitTransform(view).toArray()).toEqual(made.toArray());
    expect(x.toArray()).toEqual([
      [1, 5, 1],
      [0, 6, 1],
    ]);
    expect(made.requiresGrad).toBe(false);
  });

  it.each(named)("%s prepares no rows, and one row", (name, Class) => {
    const preprocessor = new Class();
    expect(() => preprocessor.fit(tensor([], { shape: [0, 2] }))).toThrow(
      new DataError(`${name}.fit`, "the table has no rows", "pass the rows for training"),
    );
    expect(preprocessor.fitTransform(tensor([[3, 4]])).shape).toEqual([1, 2]);
    expect(preprocessor.transform(tensor([], { shape: [0, 2] })).shape).toEqual([0, 2]);
    expect(new Class().fitTransform(tensor([], { shape: [3, 0] })).shape).toEqual([3, 0]);
  });

  it.each(named)("%s refuses other shapes, and what it has not learned", (name, Class) => {
    const preprocessor = new Class();
    for (const method of ["transform", "inverseTransform"] as const) {
      expect(() => preprocessor[method](tensor([[1]]))).toThrow(
        new DataError(
          `${name}.${method}`,
          "nothing has been learned",
          "call fit with the rows for training first",
        ),
      );
    }
    expect(() => preprocessor.fit(tensor([1, 2]))).toThrow(
      expect.objectContaining({
        name: "ShapeError",
        message: `${name}.fit: a table is [rows, columns], got shape [2]; unsqueeze(1) a vector`,
      }),
    );
    preprocessor.fit(tensor([[1, 2]]));
    const remedies = { transform: "pass those of fit", inverseTransform: "pass those that transform makes" };
    for (const [method, remedy] of Object.entries(remedies) as [keyof typeof remedies, string][]) {
      expect(() => preprocessor[method](tensor([[1]]))).toThrow(
        expect.objectContaining({
          name: "ShapeError",
          message: `${name}.${method}: the table must have 2 columns, got shape [1, 1]; ${remedy}`,
        }),
      );
    }
    expect(() => preprocessor.transform([[1, 2]] as never)).toThrow(`${name}.transform: x must be a tensor`);
  });

  it("the base class prepares nothing", () => {
    expect(() => Reflect.construct(ColumnwisePreprocessor, [])).toThrow(
      new ArgumentError("ColumnwisePreprocessor", "prepares nothing", "use one such as StandardScaler"),
    );
  });

  it("says what to do with a table on another device", () => {
    const x = tensor([[1]]);
    const there = Object.create(x, {
      device: { value: "webgpu" },
      dataSync: {
        value: () => {
          throw new DeviceError("dataSync", "no");
        },
      },
    }) as Tensor;
    expect(() => new StandardScaler().fit(there)).toThrow(
      new DeviceError(
        "StandardScaler.fit",
        "the table is on webgpu, which is not read at once",
        'pass await x.toAsync("cpu")',
      ),
    );
  });
});

describe("StandardScaler", () => {
  it("has the mean and the deviation of all rows, without NaN; constant columns have the scale 1", () => {
    const scaler = new StandardScaler();
    const x = tensor([
      [1, 7, nan, nan],
      [3, 7, 2, nan],
      [nan, 7, 4, nan],
    ]);
    const made = scaler.fitTransform(x);
    expect(scaler.mean).toEqual([2, 7, 3, nan]);
    expect(scaler.scale).toEqual([1, 1, 1, nan]);
    expect(made.toArray()).toEqual([
      [-1, 0, nan, nan],
      [1, 0, -1, nan],
      [nan, 0, 1, nan],
    ]);
    expect(scaler.transform(tensor([[infinity, 8, 3, 5]])).toArray()).toEqual([[infinity, 1, 0, nan]]);
  });

  it("does not lose digits far from 0, where sums of float32 and of squares would", () => {
    const x = tensor(
      [1, 2, 3, 4].map((value) => [2 ** 23 + value]),
      {},
    );
    const scaler = new StandardScaler().fit(x);
    expect(scaler.mean).toEqual([2 ** 23 + 2.5]);
    expect(scaler.scale[0]).toBe(Math.sqrt(1.25));
    const far = tensor(
      [0, 1, 2].map((value) => [1e15 + value]),
      float64,
    );
    expect(scaler.fit(far).scale[0]).toBe(Math.sqrt(2 / 3));
  });

  it("takes the rounding of one value for no deviation", () => {
    const x = tensor([[1], [1 + Number.EPSILON], [1]], float64);
    expect(new StandardScaler().fit(x).scale).toEqual([1]);
  });

  it("refuses columns without a finite deviation, and keeps what it knew", () => {
    const scaler = new StandardScaler().fit(tensor([[1], [3]]));
    expect(() => scaler.fit(tensor([[1], [infinity]]))).toThrow(
      new DataError(
        "StandardScaler.fit",
        "column 0 has the mean Infinity and the standard deviation NaN",
        "replace infinite and huge values",
      ),
    );
    expect(scaler.mean).toEqual([2]);
    expect(() => scaler.fitTransform(tensor([[-1e200], [1e200]], float64))).toThrow("deviation Infinity");
  });
});

describe("MinMaxScaler", () => {
  it("moves constant columns, keeps NaN, and clips if it is told to", () => {
    const x = tensor([
      [0, 5, nan],
      [4, 5, nan],
    ]);
    const other = tensor([[8, 6, 1]]);
    const options = { featureRange: [1, 3] } as const;
    expect(new MinMaxScaler(options).fit(x).transform(other).toArray()).toEqual([[5, 3, nan]]);
    const scaler = new MinMaxScaler({ ...options, clip: true }).fit(x);
    expect(scaler.transform(other).toArray()).toEqual([[3, 3, nan]]);
    expect([scaler.min, scaler.max]).toEqual([
      [0, 5, nan],
      [4, 5, nan],
    ]);
  });

  it("refuses ranges that are none, and infinite columns", () => {
    expect(() => new MinMaxScaler({ featureRange: [1, 1] })).toThrow(
      "MinMaxScaler: featureRange must be two finite numbers, the smaller one first, got [1, 1]",
    );
    expect(() => new MinMaxScaler().fit(tensor([[1], [-infinity]]))).toThrow(
      new DataError(
        "MinMaxScaler.fit",
        "column 0 reaches from -Infinity to 1",
        "replace infinite and huge values",
      ),
    );
  });
});

describe("SimpleImputer", () => {
  const x = tensor([
    [1, 9],
    [nan, 4],
    [2, nan],
    [1, 4],
    [8, 9],
  ]);

  it.each([
    ["mean", [3, 6.5]],
    ["median", [1.5, 6.5]],
    ["mostFrequent", [1, 4]],
    ["constant", [0, 0]],
  ] as const)("takes the %s of each column", (strategy, expected) => {
    const imputer = new SimpleImputer({ strategy });
    const made = imputer.fitTransform(x);
    expect(imputer.statistics).toEqual(expected);
    expect(made.select(0, 1).toArray()).toEqual([expected[0], 4]);
    expect(made.select(0, 2).toArray()).toEqual([2, expected[1]]);
  });

  it("adds indicators for the columns in which fit saw NaN, and fills others too", () => {
    const imputer = new SimpleImputer({ addIndicator: true }).fit(
      tensor([
        [1, 2],
        [3, nan],
      ]),
    );
    expect(imputer.transform(tensor([[nan, nan]])).toArray()).toEqual([[2, 2, 1]]);
  });

  it("refuses columns that say nothing", () => {
    expect(() => new SimpleImputer().fit(tensor([[1, nan]]))).toThrow(
      new DataError("SimpleImputer.fit", "column 1 has no value at all", "leave it out"),
    );
    expect(() => new SimpleImputer({ strategy: "median" }).fit(tensor([[infinity]]))).toThrow(
      new DataError("SimpleImputer.fit", "the median of column 0 is Infinity", "replace infinite values"),
    );
    expect(
      new SimpleImputer({ strategy: "constant", fillValue: 2 }).fitTransform(tensor([[nan]])).item(),
    ).toBe(2);
  });

  it("has no way back without indicators, and no number without a use", () => {
    const imputer = new SimpleImputer().fit(tensor([[1]]));
    expect(() => imputer.inverseTransform(tensor([[1]]))).toThrow(
      new DataError(
        "SimpleImputer.inverseTransform",
        "nothing tells which values were missing",
        "make it with addIndicator: true",
      ),
    );
    expect(() => new SimpleImputer({ fillValue: 1 })).toThrow(
      new ArgumentError(
        "SimpleImputer",
        'fillValue is 1, and the strategy is not "constant"',
        'pass strategy: "constant"',
      ),
    );
  });
});

describe("OneHotEncoder", () => {
  const x = tensor([
    [2, nan],
    [1, 0],
  ]);

  it("has a column for each category, NaN last", () => {
    const encoder = new OneHotEncoder();
    expect(encoder.fitTransform(x).toArray()).toEqual([
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ]);
    expect(encoder.categories).toEqual([
      [1, 2],
      [0, nan],
    ]);
  });

  it("refuses what it has not seen, or makes zeros of it, and NaN of these", () => {
    expect(() => new OneHotEncoder().fit(x).transform(tensor([[1, 3]]))).toThrow(
      new DataError(
        "OneHotEncoder.transform",
        "3 in row 0 is not a category of column 1, 0, NaN",
        'pass handleUnknown: "ignore"',
      ),
    );
    const encoder = new OneHotEncoder({ handleUnknown: "ignore" }).fit(x);
    const made = encoder.transform(tensor([[1, 3]]));
    expect(made.toArray()).toEqual([[1, 0, 0, 0]]);
    expect(encoder.inverseTransform(made).toArray()).toEqual([[1, nan]]);
    expect(() => new OneHotEncoder().fit(x).inverseTransform(made)).toThrow(
      new DataError(
        "OneHotEncoder.inverseTransform",
        "row 0 has zeros alone for column 1",
        'pass handleUnknown: "ignore" for NaN',
      ),
    );
  });

  it("takes the largest score for the category", () => {
    const encoder = new OneHotEncoder().fit(tensor([[5], [6], [7]]));
    expect(encoder.inverseTransform(tensor([[-3, -1, -2]])).toArray()).toEqual([[6]]);
    expect(() => encoder.inverseTransform(tensor([[0, nan, 1]]))).toThrow(
      new DataError(
        "OneHotEncoder.inverseTransform",
        "there is NaN in row 0",
        "pass what transform makes, or scores",
      ),
    );
  });

  it("lists twenty categories in an error, and counts the others", () => {
    const many = new OneHotEncoder().fit(tensor(Array.from({ length: 25 }, (_, k) => [k])));
    expect(() => many.transform(tensor([[99]]))).toThrow("18, 19 and 5 more;");
  });

  it("says so when there is no memory for all categories", () => {
    const values = Float32Array.from({ length: 100_000 }, (_, k) => k);
    const encoder = new OneHotEncoder().fit(tensor(values, { shape: [100_000, 1] }));
    expect(() => encoder.transform(zeros([3_000_000, 1]))).toThrow(
      new DataError(
        "OneHotEncoder.transform",
        "there is no memory for 300000000000 numbers",
        "have fewer columns or categories",
      ),
    );
  });
});

describe("OrdinalEncoder", () => {
  it("refuses what it has not seen, or makes one number of it, and NaN of that", () => {
    const x = tensor([[30], [10], [nan]]);
    expect(() => new OrdinalEncoder().fit(x).transform(tensor([[20]]))).toThrow(
      new DataError(
        "OrdinalEncoder.transform",
        "20 in row 0 is not a category of column 0, 10, 30",
        'pass handleUnknown: "useEncodedValue"',
      ),
    );
    const encoder = new OrdinalEncoder({ handleUnknown: "useEncodedValue" }).fit(x);
    const made = encoder.transform(tensor([[20], [nan], [30]]));
    expect(made.toArray()).toEqual([[-1], [nan], [1]]);
    expect(encoder.inverseTransform(made).toArray()).toEqual([[nan], [nan], [30]]);
    expect(encoder.categories).toEqual([[10, 30]]);
  });

  it("refuses class numbers that do not exist, and options that contradict each other", () => {
    const encoder = new OrdinalEncoder().fit(tensor([[30], [10]]));
    for (const [value, text] of [
      [2, "2"],
      [-1, "-1"],
      [0.5, "0.5"],
    ] as const) {
      expect(() => encoder.inverseTransform(tensor([[0], [value]]))).toThrow(
        new DataError(
          "OrdinalEncoder.inverseTransform",
          `${text} in row 1 is not a category of column 0, 0, 1`,
          "pass what transform makes",
        ),
      );
    }
    expect(() => new OrdinalEncoder({ unknownValue: -2 })).toThrow(
      new ArgumentError(
        "OrdinalEncoder",
        "unknownValue is -2, and unknown values are an error",
        'pass handleUnknown: "useEncodedValue"',
      ),
    );
    expect(() => new OrdinalEncoder({ handleUnknown: "useEncodedValue", unknownValue: 0 })).toThrow(
      "unknownValue must be a whole number below 0, or NaN, got 0",
    );
  });
});
