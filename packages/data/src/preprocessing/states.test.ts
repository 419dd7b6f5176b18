import { tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  ColumnTransformer,
  DataError,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  Pipeline,
  type Preprocessor,
  SimpleImputer,
  StandardScaler,
} from "../index";

const doubled: Preprocessor = {
  fit: () => {},
  transform: (x) => x.mul(2),
};

describe("a state that does not fit", () => {
  const remedy = "take the state of a preprocessor that was made in the same way";
  const state = new StandardScaler().fit(tensor([[1], [3]])).stateDict();
  const learned = state.learned!;

  it.each<[string, unknown]>([
    ['it is the state of "MinMaxScaler"', new MinMaxScaler().stateDict()],
    ["it is the state of undefined", null],
    ["withStd is false, and here true", new StandardScaler({ withStd: false }).stateDict()],
    ["what it has learned is of another kind", { ...state, learned: {} }],
    ["what it has learned is of another kind", { ...state, learned: undefined }],
    ["what it has learned is of another kind", { ...state, learned: { ...learned, mean: [null] } }],
    [
      "what it has learned is impossible, the numbers of means and scales are 2 and 1",
      { ...state, learned: { ...learned, mean: [1, 2] } },
    ],
    ["what it has learned is impossible, a scale of 0", { ...state, learned: { ...learned, scale: [0] } }],
  ])("%s", (problem, wrong) => {
    const scaler = new StandardScaler().fit(tensor([[5], [7]]));
    expect(() => scaler.loadStateDict(wrong as never)).toThrow(
      new DataError("StandardScaler.loadStateDict", `${problem}`, `${remedy}`),
    );
    expect(scaler.mean).toEqual([6]);
  });

  it.each([
    ["a column from 2 to 1", new MinMaxScaler(), { min: [2], max: [1] }],
    ["the numbers of smallest and largest values are 1 and 0", new MinMaxScaler(), { min: [2], max: [] }],
    ["a replacement is NaN", new SimpleImputer(), { statistics: ["NaN"], indicators: [] }],
    ["it has indicators", new SimpleImputer(), { statistics: [1], indicators: [0] }],
    [
      "an indicator of column 1",
      new SimpleImputer({ addIndicator: true }),
      { statistics: [1], indicators: [1] },
    ],
    [
      "an indicator of column 0",
      new SimpleImputer({ addIndicator: true }),
      { statistics: [1], indicators: [0, 0] },
    ],
    ["a column has no categories", new OneHotEncoder(), { categories: [[]] }],
    ["the categories 2, 1", new OneHotEncoder(), { categories: [[1], [2, 1]] }],
    ["the categories NaN, 1", new OneHotEncoder(), { categories: [["NaN", 1]] }],
    ["the categories 1, NaN", new OrdinalEncoder(), { categories: [[1, "NaN"]] }],
  ])("%s is impossible", (problem, preprocessor, wrong) => {
    const state = { ...preprocessor.stateDict(), learned: wrong };
    expect(() => preprocessor.loadStateDict(state as never)).toThrow(
      new DataError(
        `${preprocessor.constructor.name}.loadStateDict`,
        `what it has learned is impossible, ${problem}`,
        remedy,
      ),
    );
  });

  it("changes nothing in a pipeline or its steps", () => {
    const make = () => new Pipeline(new StandardScaler(), new MinMaxScaler());
    const [pipeline, other] = [make().fit(tensor([[1], [3]])), make().fit(tensor([[5], [7]]))];
    const { steps } = other.stateDict();
    const before = pipeline.stateDict();
    const load = (steps: unknown[]) => pipeline.loadStateDict({ preprocessor: "Pipeline", steps });
    expect(() => load([steps[0], steps[0]])).toThrow(
      new DataError("Pipeline.loadStateDict", 'step 1, it is the state of "StandardScaler"', remedy),
    );
    expect(() => load([steps[0]])).toThrow(
      new DataError(
        "Pipeline.loadStateDict",
        "the number of steps is 1, and here 2",
        "make it as it was when it was saved",
      ),
    );
    expect(() => pipeline.loadStateDict(steps[0] as never)).toThrow(
      new DataError(
        "Pipeline.loadStateDict",
        'it is the state of "StandardScaler"',
        "take that of a Pipeline",
      ),
    );
    expect(pipeline.stateDict()).toEqual(before);
    expect(() => new Pipeline(doubled).loadStateDict({ preprocessor: "Pipeline", steps: [1] })).toThrow(
      "Pipeline.loadStateDict: step 0, it has no state of its own; make it as it was when it was saved",
    );
  });

  it("changes nothing in a transformer or its parts", () => {
    const make = (remainder: "drop" | "passthrough" = "drop", columns = [0, 1]) =>
      new ColumnTransformer([[new StandardScaler(), columns]], { remainder });
    const transformer = make().fit(tensor([[1, 2]]));
    const before = transformer.stateDict();
    const other = make()
      .fit(tensor([[3, 4]]))
      .stateDict();
    const end = "make it as it was when it was saved";
    const refusals: [string, unknown][] = [
      ['it is the state of "Pipeline"', new Pipeline(doubled).stateDict()],
      ['remainder is "passthrough", and here "drop"', make("passthrough").stateDict()],
      ["the columns of its parts are others", make("drop", [1, 0]).stateDict()],
      ["its tables have 1 columns, and here at least 2", { ...other, width: 1 }],
      ["the number of parts is 0, and here 1", { ...other, parts: [] }],
    ];
    for (const [problem, wrong] of refusals) {
      expect(() => transformer.loadStateDict(wrong as never)).toThrow(
        new DataError("ColumnTransformer.loadStateDict", `${problem}`, `${end}`),
      );
    }
    expect(transformer.stateDict()).toEqual(before);
    transformer.loadStateDict(other);
    expect(transformer.stateDict()).toEqual(other);
    transformer.loadStateDict(make().stateDict());
    expect(() => transformer.transform(tensor([[1, 2]]))).toThrow("nothing has been learned");
  });
});
