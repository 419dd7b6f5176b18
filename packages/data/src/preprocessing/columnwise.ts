import { ArgumentError, type Tensor } from "@thalweg/tensor";
import {
  checkArguments,
  describe,
  type Kind,
  list,
  options as optionsOf,
  required,
  tensorKind,
} from "@thalweg/tensor/internal";
import { DataError } from "../data-error";
import type { Preprocessor } from "./preprocessor";
import { type SavedNumber, savedNumber, savedOf } from "./saved";
import { checkTable, floatOf, readTable, type Table, tableOf, type Width } from "./table";

/** The state of a {@link ColumnwisePreprocessor}, in values that survive JSON. */
export interface PreprocessorState {
  /** Name of the class. */
  readonly preprocessor: string;
  /** The options that decide what is learned, and what is done with it. */
  readonly options: { readonly [name: string]: string | boolean | SavedNumber | readonly SavedNumber[] };
  /** What `fit` has learned: lists of numbers, one for each column or list of columns; null before. */
  readonly learned: {
    readonly [name: string]: readonly SavedNumber[] | readonly (readonly SavedNumber[])[];
  } | null;
}

/** Lists of numbers by name. */
type Learned = { readonly [name: string]: readonly number[] | readonly (readonly number[])[] };

/** How columns are prepared. Tables have the right number of columns. */
export interface Rule<L extends object = object> {
  /** Name of the class, for errors and states. */
  readonly name: string;
  readonly options: PreprocessorState["options"];
  /** The lists of what is learned: of a number or of a list of numbers for each column. */
  readonly lists: { readonly [Name in keyof L]: "numbers" | "lists" };
  learn(op: string, table: Table): L;
  /** Numbers of columns of what is taken and of what is made. */
  widths(learned: L): readonly [columns: number, results: number];
  /** Why lists of numbers are impossible; nothing if they are possible. */
  misfit(learned: L): string | undefined;
  apply(op: string, learned: L, table: Table, out: Float32Array | Float64Array): void;
  invert(op: string, learned: L, table: Table, out: Float32Array | Float64Array): void;
}

const takes = { x: tensorKind };
const numbers: Kind = /* @__PURE__ */ required(/* @__PURE__ */ list(savedNumber));
const kindsOf = { numbers, lists: /* @__PURE__ */ required(/* @__PURE__ */ list(numbers)) };

/** Whether options are the same. */
const isSame = (own: unknown, other: unknown): boolean =>
  Array.isArray(own)
    ? Array.isArray(other) && own.length === other.length && own.every((item, k) => item === other[k])
    : own === other;

/**
 * Prepares each column of a table by itself, in a way that `fit` learns. Tables are tensors [rows, columns] on the CPU, of any
 * type; results are float64 for float64, otherwise float32, rounded once from numbers of 64 bits. They carry no gradients.
 */
export abstract class ColumnwisePreprocessor implements Preprocessor {
  private readonly rule: Rule;
  private learned: object | null = null;

  /** @internal */
  constructor(rule: Rule) {
    if (new.target === ColumnwisePreprocessor) {
      throw new ArgumentError("ColumnwisePreprocessor", "prepares nothing", "use one such as StandardScaler");
    }
    this.rule = rule;
  }

  /**
   * Learns from the rows of a table, [rows, columns], and forgets others. Pass the rows for training only, so that nothing is known of
   * the others.
   *
   * @throws ShapeError when the tensor has not two dimensions.
   * @throws DataError when there are no rows, or a column cannot be learned from, with nothing learned.
   * @throws DeviceError on WebGPU.
   */
  fit(x: Tensor): this {
    const op = this.op("fit");
    this.learned = this.learn(op, this.read(op, x));
    return this;
  }

  /**
   * Prepares the rows of a table: [rows, columns] -> [rows, results]. A copy.
   *
   * @throws DataError before {@link fit}, or when a value cannot be prepared.
   * @throws ShapeError when the columns are not as many as those of `fit`.
   * @throws DeviceError on WebGPU.
   */
  transform(x: Tensor): Tensor {
    const op = this.op("transform");
    const [columns] = this.rule.widths(this.known(op));
    return this.apply(op, this.read(op, x, [columns, "pass those of fit"]), x);
  }

  /** Learns from a table and prepares it: `fit(x).transform(x)`. */
  fitTransform(x: Tensor): Tensor {
    const op = this.op("fitTransform");
    const table = this.read(op, x);
    this.learned = this.learn(op, table);
    return this.apply(op, table, x);
  }

  /**
   * The rows that were prepared: [rows, results] -> [rows, columns]. A copy.
   *
   * @throws DataError before {@link fit}, or where there is no way back.
   * @throws ShapeError when the columns are not as many as those that `transform` makes.
   * @throws DeviceError on WebGPU.
   */
  inverseTransform(x: Tensor): Tensor {
    const op = this.op("inverseTransform");
    const { rule } = this;
    const learned = this.known(op);
    const [columns, results] = rule.widths(learned);
    const table = this.read(op, x, [results, "pass those that transform makes"]);
    return tableOf(op, table.rows, columns, floatOf(x), (out) => rule.invert(op, learned, table, out));
  }

  /** The options, and what has been learned, in values that survive JSON: the numbers that JSON lacks are texts. */
  stateDict(): PreprocessorState {
    const { rule, learned } = this;
    const save = (item: unknown): unknown => (Array.isArray(item) ? item.map(save) : savedOf(item as number));
    const lists = learned && Object.entries(learned).map(([name, items]) => [name, save(items)]);
    const { name, options } = rule;
    return {
      preprocessor: name,
      options: structuredClone(options),
      learned: lists && Object.fromEntries(lists),
    };
  }

  /**
   * Replaces what has been learned.
   *
   * @throws DataError when the state is that of something else, with nothing changed.
   */
  loadStateDict(state: PreprocessorState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: PreprocessorState): () => void {
    const learned = this.checked(state);
    return () => {
      this.learned = learned;
    };
  }

  /** @internal What has been learned, for a member of a class. */
  protected known(op: string): object {
    if (this.learned !== null) return this.learned;
    throw new DataError(op, "nothing has been learned", "call fit with the rows for training first");
  }

  /** @internal */
  protected op(member: string): string {
    return `${this.rule.name}.${member}`;
  }

  private read(op: string, x: Tensor, width?: Width): Table {
    checkArguments(op, takes, [x]);
    checkTable(op, x, width);
    return readTable(op, x);
  }

  private learn(op: string, table: Table): object {
    if (table.rows > 0) return this.rule.learn(op, table);
    throw new DataError(op, "the table has no rows", "pass the rows for training");
  }

  private apply(op: string, table: Table, x: Tensor): Tensor {
    const { rule } = this;
    const learned = this.known(op);
    const [, results] = rule.widths(learned);
    return tableOf(op, table.rows, results, floatOf(x), (out) => rule.apply(op, learned, table, out));
  }

  /** What a state has learned. */
  private checked(state: PreprocessorState): object | null {
    const { name, options, lists, misfit } = this.rule;
    const refuse = (problem: string) => {
      const remedy = "take the state of a preprocessor that was made in the same way";
      throw new DataError(this.op("loadStateDict"), problem, remedy);
    };
    const { preprocessor, options: others, learned } = Object(state) as Partial<PreprocessorState>;
    if (preprocessor !== name) refuse(`it is the state of ${describe(preprocessor)}`);
    for (const [key, own] of Object.entries(options)) {
      const other: unknown = Object(others)[key];
      if (!isSame(own, other)) refuse(`${key} is ${describe(other)}, and here ${describe(own)}`);
    }
    if (learned === null) return null;
    const kinds = Object.entries(lists as Readonly<Record<string, keyof typeof kindsOf>>).map(([key, of]) => [
      key,
      kindsOf[of],
    ]);
    if (!optionsOf(Object.fromEntries(kinds)).accepts(learned))
      refuse("what it has learned is of another kind");
    const load = (item: unknown): unknown => (Array.isArray(item) ? item.map(load) : Number(item));
    const loaded = Object.fromEntries(Object.keys(lists).map((key) => [key, load(learned![key])])) as Learned;
    const problem = misfit(loaded);
    if (problem !== undefined) refuse(`what it has learned is impossible, ${problem}`);
    return loaded;
  }
}
