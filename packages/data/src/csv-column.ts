import { CsvError, type CsvPlace, listed, quoted } from "./csv-error";

/** The treatment of a cell without a value: an error, dropping its row, NaN, the mean of its column, or a number. */
export type MissingRule = "error" | "drop" | "keep" | "mean" | number;

/** Limit of the columns that one column can become: beyond it they take more memory than intended. */
const mostOneHot = 1000;

/** A column to read: of numbers, or of texts, which are numbered. */
export class Column {
  readonly name: string;
  /** Position of its cells in a row. */
  readonly position: number;
  readonly missing: MissingRule;
  /** Whether each category becomes a column. */
  readonly isOneHot: boolean;
  /** Categories as they were given. */
  private readonly given: readonly string[] | undefined;
  /** The number of each text so far; null where cells are numbers. */
  private readonly ids: Map<string, number> | null;
  private sum = 0;
  private count = 0;

  constructor(
    name: string,
    position: number,
    missing: MissingRule,
    categories: readonly string[] | true | undefined,
    isOneHot: boolean,
  ) {
    this.name = name;
    this.position = position;
    this.missing = missing;
    this.isOneHot = isOneHot;
    this.given = categories === true ? undefined : categories;
    this.ids = categories === undefined ? null : new Map(this.given?.map((text, k) => [text, k]));
  }

  /** Whether its cells are texts. */
  get isText(): boolean {
    return this.ids !== null;
  }

  /** The number of a cell that has a value; texts are numbered as they appear. */
  read(cell: string, number: (text: string) => number, place: CsvPlace): number {
    const value = this.ids === null ? this.number(cell, number(cell), place) : this.id(cell, this.ids, place);
    this.sum += value;
    this.count++;
    return value;
  }

  /** Throws unless a cell has a number. */
  private number(cell: string, value: number, place: CsvPlace): number {
    if (Number.isFinite(Math.fround(value))) return value;
    const isLarge = !Number.isNaN(value);
    throw wrong(place, `${quoted(cell)} is ${isLarge ? "too large for float32" : "not a number"}`);
  }

  /** Whether its rule allows cells without a value. */
  get allowsMissing(): boolean {
    if (!this.isText) return this.missing !== "error";
    return this.missing === "drop" || (this.missing === "keep" && !this.isOneHot);
  }

  /** Throws unless the cells of a dropped row have the kind of the column. */
  check(cell: string, number: (text: string) => number, place: CsvPlace): void {
    if (this.ids === null) this.number(cell, number(cell), place);
    else if (this.given !== undefined) this.id(cell, this.ids, place);
  }

  private id(text: string, ids: Map<string, number>, place: CsvPlace): number {
    let id = ids.get(text);
    if (id !== undefined) return id;
    if (this.given !== undefined) {
      const categories = listed(this.given);
      throw wrong(place, `${quoted(text)} is not one of the categories, ${categories}`, "add it to them");
    }
    id = ids.size;
    ids.set(text, id);
    return id;
  }

  /** The error for a cell without a value, if the rule allows none. */
  refuse(cell: string, place: CsvPlace): CsvError {
    if (this.isText) {
      const rule = `pass missing: { ${JSON.stringify(this.name)}: "drop" }`;
      const empty = cell === "" ? "the cell is empty" : `${quoted(cell)} means that there is no value`;
      return wrong(place, empty, cell === "" ? rule : `${rule}, or naValues: [] if that is a category`);
    }
    const problem = cell === "" ? "the cell is empty" : `${quoted(cell)} is not a number`;
    return wrong(
      place,
      problem,
      'correct it, or leave the column out, or pass missing: "drop", "keep", "mean" or a number',
    );
  }

  /** The number that replaces cells without a value. */
  replacement(): number {
    if (this.missing === "keep") return Number.NaN;
    if (this.count === 0 && this.missing !== "error") {
      throw new CsvError(
        "readCsv",
        `column ${JSON.stringify(this.name)} has no value at all`,
        "leave it out",
        {
          column: this.name,
        },
      );
    }
    return typeof this.missing === "number" ? this.missing : this.sum / this.count;
  }

  /** The categories in the order of their numbers: as given, or sorted. */
  categories(): readonly string[] {
    return this.given ?? [...this.ids!.keys()].sort();
  }

  /** The final number of each text, by the number that it got when it appeared. */
  order(): Float64Array {
    const final = new Map(this.categories().map((text, k) => [text, k]));
    return Float64Array.from(this.ids!.keys(), (text) => final.get(text)!);
  }

  /** Names of the resulting columns. */
  names(): string[] {
    if (!this.isOneHot) return [this.name];
    const categories = this.categories();
    if (categories.length > mostOneHot) {
      throw new CsvError(
        "readCsv",
        `column ${JSON.stringify(this.name)} has ${categories.length} categories, more than the ${mostOneHot} that can be one-hot`,
        "use class numbers, and an Embedding",
        { column: this.name },
      );
    }
    return categories.map((text) => `${this.name}=${text}`);
  }
}

/** The error for a cell. */
function wrong(place: CsvPlace, problem: string, remedy = "correct it, or leave the column out"): CsvError {
  const { row, column, line } = place;
  return new CsvError(
    "readCsv",
    `row ${row}, column ${JSON.stringify(column)}: ${problem}, in line ${line} of the text`,
    remedy,
    place,
  );
}
