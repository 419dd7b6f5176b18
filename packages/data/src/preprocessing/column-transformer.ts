import { cat, type Tensor, tensor } from "@thalweg/tensor";
import {
  checkArguments,
  count,
  describe,
  type Kind,
  kind,
  list,
  named,
  oneOf,
  options as optionsOf,
  tensorKind,
} from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import { isCount } from "../dataset";
import { prepareSteps } from "./pipeline";
import { checkDistinct, inStep, type Preprocessor, prepared, preprocessor } from "./preprocessor";
import { checkTable, floatOf } from "./table";

/** A preprocessor, and the positions of the columns that it is given. */
export type ColumnPart = readonly [preprocessor: Preprocessor, columns: readonly number[]];

/** Options of {@link ColumnTransformer}. */
export interface ColumnTransformerOptions {
  /**
   * The treatment of columns that belong to no part: `"drop"` leaves them out, and `"passthrough"` puts them after all others;
   * `"drop"` unless given.
   */
  readonly remainder?: "drop" | "passthrough";
}

/** The state of a {@link ColumnTransformer}. */
export interface ColumnTransformerState {
  /** Name of the class. */
  readonly preprocessor: "ColumnTransformer";
  /** The treatment of columns that belong to no part. */
  readonly remainder: "drop" | "passthrough";
  /** The columns of each part. */
  readonly columns: readonly (readonly number[])[];
  /** Number of columns of the tables; null before `fit`. */
  readonly width: number | null;
  /** The state of the preprocessor of each part; null for one without a state. */
  readonly parts: readonly unknown[];
}

const columnsKind = /* @__PURE__ */ list(count);
const part: Kind = {
  .../* @__PURE__ */ kind(
    "a preprocessor and its columns",
    (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      preprocessor.accepts(value[0]) &&
      columnsKind.accepts(value[1]),
  ),
  explain: (op, value) =>
    new DataError(
      op,
      `a part is a preprocessor and the positions of its columns, got ${describe(value)}`,
      "[new StandardScaler(), [0, 1]] is one",
    ),
};
const signature = {
  parts: list(part),
  options: /* @__PURE__ */ optionsOf<ColumnTransformerOptions>({
    remainder: /* @__PURE__ */ oneOf("drop", "passthrough"),
  }),
};
const takes = { x: tensorKind };

/**
 * Gives some columns of a table to one preprocessor and some to another, and puts what they make side by side, in the order of the
 * parts.
 *
 * @example
 * const table = readCsv("age,city\n20,Graz\n40,Wien", { categories: ["city"] });
 * const transformer = new ColumnTransformer([
 *   [new StandardScaler(), table.positions(["age"])],
 *   [new OneHotEncoder(), table.positions(["city"])],
 * ]);
 * transformer.fitTransform(table.data).toArray(); // → [[-1,1,0],[1,0,1]]
 */
export class ColumnTransformer implements Preprocessor {
  /** The preprocessors with their columns. */
  readonly parts: readonly ColumnPart[];
  private readonly remainder: "drop" | "passthrough";
  /** Number of columns of the tables. */
  private width: number | null = null;

  /**
   * @param parts preprocessors with the positions of their columns, which may overlap; `table.positions(names)` finds them
   * @throws DataError when there are no parts, or one object is the preprocessor of two.
   */
  constructor(parts: readonly ColumnPart[], options: ColumnTransformerOptions = {}) {
    checkArguments("ColumnTransformer", signature, [parts, options]);
    if (parts.length === 0) {
      throw new DataError("ColumnTransformer", "there are no parts", "pass at least one");
    }
    this.parts = parts.map(([step, columns]) => [step, [...columns]]);
    checkDistinct("ColumnTransformer", this.steps(), "part");
    this.remainder = options.remainder ?? "drop";
  }

  /**
   * Has each part learn from its columns of a table, [rows, columns].
   *
   * @throws DataError when a column does not exist.
   * @throws the error of a part, with its position; the parts before it have learned.
   */
  fit(x: Tensor): this {
    this.learn("ColumnTransformer.fit", x);
    return this;
  }

  /**
   * Prepares the rows of a table: [rows, columns] -> [rows, results].
   *
   * @throws DataError before {@link fit}.
   * @throws ShapeError when the columns are not as many as those of `fit`.
   * @throws the error of a part, with its position.
   */
  transform(x: Tensor): Tensor {
    const op = "ColumnTransformer.transform";
    checkArguments(op, takes, [x]);
    if (this.width === null) {
      throw new DataError(op, "nothing has been learned", "call fit with the rows for training first");
    }
    checkTable(op, x, [this.width, "pass those of fit"]);
    return this.apply(op, x);
  }

  /** Learns from a table and prepares it: `fit(x).transform(x)`. */
  fitTransform(x: Tensor): Tensor {
    const op = "ColumnTransformer.fitTransform";
    this.learn(op, x);
    return this.apply(op, x);
  }

  /** The states of the parts, and their columns. */
  stateDict(): ColumnTransformerState {
    const { remainder, width } = this;
    const parts = this.steps().map((step) => step.stateDict?.() ?? null);
    return { preprocessor: "ColumnTransformer", remainder, columns: this.columns(), width, parts };
  }

  /**
   * Replaces what the parts have learned.
   *
   * @throws DataError when the columns, or the state of a part, do not fit, with nothing changed.
   */
  loadStateDict(state: ColumnTransformerState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: ColumnTransformerState): () => void {
    const op = "ColumnTransformer.loadStateDict";
    const refuse = (problem: string) => {
      throw new DataError(op, problem, "make it as it was when it was saved");
    };
    const { preprocessor, remainder, columns, width, parts } = Object(
      state,
    ) as Partial<ColumnTransformerState>;
    if (preprocessor !== "ColumnTransformer" || !Array.isArray(parts)) {
      return refuse(`it is the state of ${describe(preprocessor)}`);
    }
    if (remainder !== this.remainder) {
      refuse(`remainder is ${describe(remainder)}, and here ${describe(this.remainder)}`);
    }
    if (!list(columnsKind).accepts(columns) || JSON.stringify(columns) !== JSON.stringify(this.columns())) {
      refuse("the columns of its parts are others");
    }
    const least = Math.max(...this.columns().flat(), -1) + 1;
    if (width !== null && !(isCount(width) && width >= least)) {
      refuse(`its tables have ${describe(width)} columns, and here at least ${least}`);
    }
    const load = prepareSteps(op, "part", this.steps(), parts);
    return () => {
      load();
      this.width = width!;
    };
  }

  private steps(): Preprocessor[] {
    return this.parts.map(([step]) => step);
  }

  private columns(): (readonly number[])[] {
    return this.parts.map(([, columns]) => columns);
  }

  private learn(op: string, x: Tensor): void {
    checkArguments(op, takes, [x]);
    checkTable(op, x);
    const width = x.shape[1]!;
    const missing = this.columns()
      .flat()
      .find((column) => column >= width);
    if (missing !== undefined) {
      const problem = `there is no column ${missing}, the table has ${width}`;
      throw new DataError(op, problem, "positions start at 0");
    }
    this.parts.forEach(([step, columns], k) => {
      inStep(op, `part ${k}`, () => step.fit(chosen(x, columns)));
    });
    this.width = width;
  }

  private apply(op: string, x: Tensor): Tensor {
    const made = this.parts.map(([step, columns], k) =>
      inStep(op, `part ${k}`, () => prepared(step, chosen(x, columns))),
    );
    if (this.remainder === "passthrough") {
      const taken = new Set(this.columns().flat());
      const rest = [...Array(this.width).keys()].filter((column) => !taken.has(column));
      made.push(chosen(x, rest).to(floatOf(x)));
    }
    return named(op, () => cat(made, 1));
  }
}

/** Some columns of a table. */
const chosen = (x: Tensor, columns: readonly number[]): Tensor =>
  x.detach().indexSelect(1, tensor(Int32Array.from(columns), { device: x.device }));
