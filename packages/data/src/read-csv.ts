import { tensor } from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  either,
  type Kind,
  kind,
  list,
  oneOf,
  options as optionsOf,
  string,
} from "@thalweg/tensor/internal";
import { Column, type MissingRule } from "./csv-column";
import { CsvError } from "./csv-error";
import { numberReader } from "./csv-number";
import { type Row, rowsOf } from "./csv-rows";
import { CsvTable, findColumn, positionsOf } from "./csv-table";

/** Options of {@link readCsv}. */
export interface ReadCsvOptions {
  /** The columns to read, in this order; all of them unless given. The others may contain anything. */
  readonly columns?: readonly string[];
  /** Whether the first line names the columns; true unless given. Without it they are "0", "1", ... */
  readonly header?: boolean;
  /** The separator of the cells of a row, any character but a quote or the end of a line; a comma unless given. */
  readonly delimiter?: string;
  /**
   * The treatment of cells without a value: `"error"` refuses them, `"drop"` leaves out their rows, `"keep"` makes NaN of
   * them, `"mean"` takes the mean of the column, and a number replaces them. One rule for all columns, or an object of rules by
   * column; `"error"` unless given. Columns of texts allow `"error"`, `"drop"` and, unless they are one-hot, `"keep"`.
   */
  readonly missing?: MissingRule | Readonly<Record<string, MissingRule>>;
  /**
   * Contents of cells without a value, besides empty ones; unless given, `NA`, `N/A`, `n/a`, `#N/A`, `NaN`,
   * `nan`, `null`, `NULL`, `None`.
   */
  readonly naValues?: readonly string[];
  /**
   * The columns of texts. Each text becomes its class number, its position in {@link CsvTable.categories}. An object gives
   * the categories of each column, in their order, and refuses others; names alone find them, and sort them. No
   * columns unless given.
   */
  readonly categories?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /**
   * The columns of texts that become a column of zeros and ones for each category: `color=red`, `color=blue`. No
   * columns unless given; they need not be among `categories`.
   */
  readonly oneHot?: readonly string[];
  /** The decimal separator: `"."` unless given, or `","`. */
  readonly decimal?: "." | ",";
  /** The separator of groups of three digits, one character; none unless given. */
  readonly thousands?: string;
}

const op = "readCsv";

const noValue = ["NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None"];

const isCharacter = (value: unknown): value is string =>
  typeof value === "string" && [...value.slice(0, 3)].length === 1 && value.length <= 2;

const delimiter: Kind = {
  ...kind("one character", (value) => isCharacter(value) && !/["\r\n\uFEFF]/.test(value)),
  explain: (_, value) =>
    typeof value === "string"
      ? new CsvError(
          op,
          `the delimiter must be one character, got ${JSON.stringify(value)}`,
          'pass "," or ";" or "\\t"',
        )
      : undefined,
};

const byColumn = (of: Kind): Kind =>
  kind(
    `an object with ${of.must} for each column`,
    (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((item) => of.accepts(item)),
  );

const rule = either(
  oneOf("error", "drop", "keep", "mean"),
  kind("a number of float32", (value) => typeof value === "number" && Number.isFinite(Math.fround(value))),
);

const signature = {
  text: string,
  options: optionsOf<ReadCsvOptions>({
    columns: list(string),
    header: boolean,
    delimiter,
    missing: either(rule, byColumn(rule)),
    naValues: list(string),
    categories: either(list(string), byColumn(list(string))),
    oneHot: list(string),
    decimal: oneOf(".", ","),
    thousands: kind(
      "one character that is neither a digit nor a letter, sign or quote",
      (value) => isCharacter(value) && !/[\p{L}\p{N}+\-"\r\n]/u.test(value),
    ),
  }),
};

/**
 * A table of numbers from comma-separated text (RFC 4180: cells may be quoted; blank lines and spaces around
 * cells are skipped). In errors, row 1 is the first line of data below the header. Missing values, columns of texts and
 * numbers with decimal commas are read as the options say.
 *
 * @throws CsvError when a column does not exist, two have one name, a cell has no value or is not a number, a row is
 * shorter or longer than the header, or there are no rows; with the row and the column, if there is one.
 * @throws ArgumentError when an option does not exist or is of the wrong type.
 * @example
 * const table = readCsv("speed,dist\n4,2\n7,4\n");
 * table.columns; // → ["speed","dist"]
 * table.data.toArray(); // → [[4,2],[7,4]]
 * table.column("dist").toArray(); // → [2,4]
 * @example
 * const text = "size;color\n1,5;red\nNA;blue\n2,5;red";
 * const table = readCsv(text, { delimiter: ";", decimal: ",", missing: { size: "mean" }, categories: ["color"] });
 * table.data.toArray(); // → [[1.5,1],[2,0],[2.5,1]]
 * table.categories.color; // → ["blue","red"]
 */
export function readCsv(text: string, options: ReadCsvOptions = {}): CsvTable {
  checkArguments(op, signature, [text, options]);
  const { header = true, delimiter = ",", decimal = ".", thousands } = options;
  if (decimal === thousands) {
    const other = decimal === "." ? "," : ".";
    const problem = `decimal and thousands are the same, ${JSON.stringify(decimal)} both`;
    throw new CsvError(op, problem, `pass decimal: ${JSON.stringify(other)}`);
  }
  const rows = rowsOf(text, delimiter);
  const first = rows[0];
  if (first === undefined)
    throw new CsvError(op, "the table is empty, the text has no lines", "check the file");
  const names = header ? first.cells : first.cells.map((_, k) => `${k}`);
  checkNames(names, first.line);
  if (header) rows.shift();
  if (rows.length === 0) {
    const problem = "the table is empty, there are no rows below the header";
    throw new CsvError(op, problem, "add rows of numbers");
  }
  const columns = columnsOf(names, options);
  const missing = new Set(["", ...(options.naValues ?? noValue)]);
  const values = new Float64Array(rows.length * columns.length);
  const number = numberReader(decimal, thousands);
  let count = 0;
  rows.forEach((row, i) => {
    if (row.cells.length !== names.length) throw ragged(row, names.length, header, i + 1);
    if (readRow(row, i + 1, columns, missing, number, values, count * columns.length)) count++;
  });
  if (count === 0) throw new CsvError(op, "the table is empty, no row has all values", "leave columns out");
  return tableOf(columns, values, count);
}

/** Reads the cells of a row, from `at` on; false if the row is left out. */
function readRow(
  { cells, line }: Row,
  row: number,
  columns: readonly Column[],
  missing: ReadonlySet<string>,
  number: (text: string) => number,
  values: Float64Array,
  at: number,
): boolean {
  const isDropped = columns.some(
    (column) => column.missing === "drop" && missing.has(cells[column.position]!),
  );
  columns.forEach((column, k) => {
    const cell = cells[column.position]!;
    const place = { row, line, column: column.name };
    if (!missing.has(cell)) {
      if (isDropped) column.check(cell, number, place);
      else values[at + k] = column.read(cell, number, place);
      return;
    }
    if (!column.allowsMissing) throw column.refuse(cell, place);
    values[at + k] = Number.NaN;
  });
  return !isDropped;
}

/** The columns to read, with their options. */
function columnsOf(names: readonly string[], options: ReadCsvOptions): Column[] {
  const { missing = "error", categories = [], oneHot = [] } = options;
  const positions = positionsOf(names);
  const find = (name: string) => findColumn(op, name, positions);
  const hot = new Set(oneHot);
  const texts = new Map<string, readonly string[] | true>(oneHot.map((name) => [name, true]));
  if (Array.isArray(categories)) for (const name of categories as readonly string[]) texts.set(name, true);
  else for (const [name, given] of Object.entries(categories)) texts.set(name, checkCategories(name, given));
  const rules = typeof missing === "object" ? new Map(Object.entries(missing)) : null;
  for (const [name, rule] of rules ?? []) {
    find(name);
    if (!texts.has(name) || rule === "drop" || rule === "error") continue;
    if (rule === "keep" && !hot.has(name)) continue;
    const what = hot.has(name) ? "is one-hot" : "holds texts";
    const problem = `column ${JSON.stringify(name)} ${what}, and missing is ${JSON.stringify(rule)}`;
    const remedy = `pass "drop"${hot.has(name) ? "" : ', "keep"'} or "error"`;
    throw new CsvError(op, problem, remedy, { column: name });
  }
  for (const name of texts.keys()) find(name);
  return (options.columns ?? names).map((name) => {
    const rule = rules === null ? (missing as MissingRule) : (rules.get(name) ?? "error");
    return new Column(name, find(name), rule, texts.get(name), hot.has(name));
  });
}

function checkCategories(column: string, given: readonly string[]): readonly string[] {
  const positions = positionsOf(given);
  const twice = given.find((text, k) => positions.get(text) !== k);
  if (given.length > 0 && twice === undefined) return [...given];
  const problem = twice === undefined ? "there are none" : `${JSON.stringify(twice)} is listed twice`;
  throw new CsvError(op, `the categories of ${JSON.stringify(column)}: ${problem}`, "list each once", {
    column,
  });
}

function numbersFor(count: number): Float32Array {
  try {
    return new Float32Array(count);
  } catch {
    throw new CsvError(op, `there is no memory for ${count} numbers`, "have fewer columns one-hot");
  }
}

/** The table of the values that were read. */
function tableOf(columns: readonly Column[], values: Float64Array, rows: number): CsvTable {
  const names = columns.map((column) => column.names());
  const width = names.reduce((sum, { length }) => sum + length, 0);
  const data = numbersFor(rows * width);
  let start = 0;
  columns.forEach((column, k) => {
    const fill = column.isText ? Number.NaN : column.replacement();
    const order = column.isText ? column.order() : null;
    for (let i = 0; i < rows; i++) {
      const value = values[i * columns.length + k]!;
      if (column.isOneHot) data[i * width + start + order![value]!] = 1;
      else data[i * width + start] = Number.isNaN(value) ? fill : (order?.[value] ?? value);
    }
    start += names[k]!.length;
  });
  const all = names.flat();
  if (columns.some((column) => column.isOneHot)) checkNames(all, undefined);
  const texts = columns.filter((column) => column.isText);
  const categories = Object.fromEntries(texts.map((column) => [column.name, column.categories()]));
  return new CsvTable(all, tensor(data, { shape: [rows, width] }), categories);
}

function checkNames(names: readonly string[], line: number | undefined): void {
  const positions = positionsOf(names);
  if (positions.size === names.length) return;
  const twice = names.find((name, k) => positions.get(name) !== k)!;
  const problem = `two columns have the name ${JSON.stringify(twice)}`;
  throw new CsvError(op, problem, "rename one of them", { column: twice, line });
}

function ragged({ cells, line }: Row, expected: number, header: boolean, row: number): CsvError {
  const count = `${cells.length} cell${cells.length === 1 ? "" : "s"}`;
  const other = header ? "the header" : "row 1";
  return new CsvError(
    op,
    `row ${row}: ${count} where ${other} has ${expected}, in line ${line} of the text`,
    "give every row the same number of cells",
    { row, line },
  );
}
