import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  ColumnTransformer,
  DataError,
  MinMaxScaler,
  OneHotEncoder,
  Pipeline,
  type Preprocessor,
  readCsv,
  SimpleImputer,
  StandardScaler,
} from "../index";

const { NaN: nan } = Number;

const doubled: Preprocessor = {
  fit: () => {},
  transform: (x) => x.mul(2),
};

describe("Pipeline", () => {
  it("has each step learn from what those before it made, and goes back", () => {
    const [scaler, range] = [new StandardScaler(), new MinMaxScaler()];
    const pipeline = new Pipeline(scaler, range);
    const x = tensor([[1], [3]]);
    expect(pipeline.fitTransform(x).toArray()).toEqual([[0], [1]]);
    expect([scaler.mean, range.min, range.max]).toEqual([[2], [-1], [1]]);
    expect(pipeline.transform(tensor([[5]])).toArray()).toEqual([[2]]);
    expect(pipeline.inverseTransform(tensor([[2]])).toArray()).toEqual([[5]]);
    expect(new Pipeline(doubled, new StandardScaler()).fit(x).transform(x).toArray()).toEqual([[-1], [1]]);
  });

  it("says which step an error comes from", () => {
    const pipeline = new Pipeline(doubled, new SimpleImputer());
    expect(() => pipeline.fit(tensor([[nan]]))).toThrow(
      new DataError("Pipeline.fit", "step 1, column 0 has no value at all", "leave it out"),
    );
    expect(() => pipeline.transform(tensor([[1]]))).toThrow(
      new DataError(
        "Pipeline.transform",
        "step 1, nothing has been learned",
        "call fit with the rows for training first",
      ),
    );
    expect(() => new Pipeline(doubled).inverseTransform(tensor([[1]]))).toThrow(
      new DataError(
        "Pipeline.inverseTransform",
        "step 0, there is no way back",
        "give it an inverseTransform",
      ),
    );
    const wrong = { ...doubled, transform: () => 7 as never };
    expect(() => new Pipeline(wrong).fitTransform(tensor([[1]]))).toThrow(
      new DataError("Pipeline.fitTransform", "step 0, it returns 7", "return a tensor"),
    );
  });

  it("refuses what cannot be steps", () => {
    expect(() => new Pipeline()).toThrow(
      new DataError("Pipeline", "there are no steps", "pass at least one"),
    );
    expect(() => new Pipeline({ ...doubled, stateDict: () => 1 })).toThrow(
      new DataError(
        "Pipeline",
        "a preprocessor needs fit(x) and transform(x), and stateDict() and prepareLoad(state) both or neither, got an object",
        "new StandardScaler() is one",
      ),
    );
    expect(() => new Pipeline(doubled, new MinMaxScaler(), doubled)).toThrow(
      new DataError("Pipeline", "steps 0 and 2 are the same object", "make one for each"),
    );
  });
});

describe("ColumnTransformer", () => {
  const table = readCsv("age,city,height\n20,Graz,180\n40,Wien,\n", {
    missing: "keep",
    categories: ["city"],
  });

  it("puts what its parts make side by side, and the other columns after them", () => {
    const parts = () =>
      [
        [new OneHotEncoder(), table.positions(["city"])],
        [new StandardScaler(), table.positions(["age"])],
      ] as const;
    expect(new ColumnTransformer(parts()).fitTransform(table.data).toArray()).toEqual([
      [1, 0, -1],
      [0, 1, 1],
    ]);
    const all = new ColumnTransformer(parts(), { remainder: "passthrough" });
    expect(all.fit(table.data).transform(table.data).toArray()).toEqual([
      [1, 0, -1, 180],
      [0, 1, 1, nan],
    ]);
  });

  it("makes floats of whole numbers that it passes through", () => {
    const transformer = new ColumnTransformer([[doubled, []]], { remainder: "passthrough" });
    const made = transformer.fitTransform(tensor([[1, 2]], { dtype: "int32" }));
    expect([made.dtype, made.toArray()]).toEqual(["float32", [[1, 2]]]);
  });

  it("says which part an error comes from", () => {
    const transformer = new ColumnTransformer([
      [new StandardScaler(), [0]],
      [new Pipeline(new SimpleImputer()), [2]],
    ]);
    expect(() => transformer.fit(tensor([[1, 2]]))).toThrow(
      new DataError("ColumnTransformer.fit", "there is no column 2, the table has 2", "positions start at 0"),
    );
    expect(() => transformer.fit(tensor([[1, 2, nan]]))).toThrow(
      new DataError("ColumnTransformer.fit", "part 1, step 0, column 0 has no value at all", "leave it out"),
    );
    expect(() => transformer.transform(tensor([[1, 2, 3]]))).toThrow(
      new DataError(
        "ColumnTransformer.transform",
        "nothing has been learned",
        "call fit with the rows for training first",
      ),
    );
    transformer.fit(tensor([[1, 2, 3]]));
    expect(() => transformer.transform(tensor([[1, 2]]))).toThrow(
      expect.objectContaining({
        name: "ShapeError",
        message:
          "ColumnTransformer.transform: the table must have 3 columns, got shape [1, 2]; pass those of fit",
      }),
    );
  });

  it("refuses what cannot be parts", () => {
    expect(() => new ColumnTransformer([])).toThrow(
      new DataError("ColumnTransformer", "there are no parts", "pass at least one"),
    );
    expect(() => new ColumnTransformer([[doubled, [0.5]]])).toThrow(DataError);
    expect(
      () =>
        new ColumnTransformer([
          [doubled, [0]],
          [doubled, [1]],
        ]),
    ).toThrow(new DataError("ColumnTransformer", "parts 0 and 1 are the same object", "make one for each"));
  });
});
