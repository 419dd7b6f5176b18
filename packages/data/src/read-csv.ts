import { tensor } from "@thalweg/tensor";
import { dsvFormat } from "d3-dsv";
import { CsvError, type CsvPlace } from "./csv-error";
import { CsvTable, findColumn } from "./csv-table";

/** Options of {@link readCsv}. */
export interface ReadCsvOptions {
  /** The columns to read, in this order; all of them unless given. The others may hold anything. */
  readonly columns?: readonly string[];
  /** Whether the first line names the columns; true unless given. Without it they are "0", "1", ... */
  readonly header?: boolean;
  /** What separates the cells of a row; a comma unless given. */
  readonly delimiter?: string;
}

/** The cells of a row, and where in the text it starts. */
interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Characters of a cell that an error shows. */
const longest = 40;

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A table of numbers from comma-separated text (RFC 4180: cells may be quoted; blank lines and spaces around
 * cells are skipped). In errors, row 1 is the first line of data below the header.
 *
 * @throws CsvError when a column does not exist, a cell is missing or not a number, a row is shorter or
 * longer than the header, or there are no rows; with the row and the column, where there is one.
 * @example
 * const table = readCsv("speed,dist\n4,2\n7,4\n");
 * table.columns; // → ["speed","dist"]
 * table.data.toArray(); // → [[4,2],[7,4]]
 * table.column("dist").toArray(); // → [2,4]
 */
export function readCsv(text: string, options: ReadCsvOptions = {}): CsvTable {
  const { header = true, delimiter = "," } = options;
  const rows = split(text, delimiter);
  const first = rows[0];
  if (first === undefined)
    throw new CsvError("readCsv", "the table is empty, the text has no lines", "check the file");
  const names = header ? first.cells : first.cells.map((_, k) => `${k}`);
  checkNames(names, first.line);
  if (header) rows.shift();
  if (rows.length === 0) {
    throw new CsvError(
      "readCsv",
      "the table is empty, there are no rows below the header",
      "add rows of numbers",
    );
  }
  const columns = options.columns ?? names;
  const positions = columns.map((name) => findColumn("readCsv", name, names));
  const values = new Float32Array(rows.length * columns.length);
  rows.forEach(({ cells, line }, i) => {
    const row = i + 1;
    if (cells.length !== names.length) throw ragged(cells.length, names.length, header, { row, line });
    positions.forEach((position, k) => {
      values[row * columns.length - columns.length + k] = read(cells[position]!, {
        row,
        line,
        column: columns[k]!,
      });
    });
  });
  return new CsvTable([...columns], tensor(values, { shape: [rows.length, columns.length] }));
}

function split(text: string, delimiter: string): Row[] {
  if (typeof text !== "string") {
    throw new CsvError("readCsv", `expects the text of a table, got ${typeof text}`, "read the file first");
  }
  if (typeof delimiter !== "string" || delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new CsvError(
      "readCsv",
      `the delimiter must be one character, got ${JSON.stringify(delimiter)}`,
      'pass "," or ";" or "\\t"',
    );
  }
  const rows: Row[] = [];
  let line = 1;
  for (const record of dsvFormat(delimiter).parseRows(text.replace(/^\uFEFF/, ""))) {
    const cells = record.map((cell) => cell.trim());
    if (cells.length > 1 || cells[0] !== "") rows.push({ cells, line });
    line += 1 + record.reduce((count, cell) => count + (cell.match(/\r\n?|\n/g)?.length ?? 0), 0);
  }
  return rows;
}

function checkNames(names: readonly string[], line: number): void {
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined) {
    throw new CsvError(
      "readCsv",
      `two columns have the name ${JSON.stringify(twice)}`,
      "rename one of them",
      {
        column: twice,
        line,
      },
    );
  }
}

function ragged(cells: number, expected: number, header: boolean, place: CsvPlace): CsvError {
  const count = `${cells} cell${cells === 1 ? "" : "s"}`;
  const other = header ? "the header" : "row 1";
  return new CsvError(
    "readCsv",
    `row ${place.row}: ${count} where ${other} has ${expected}, in line ${place.line} of the text`,
    "give every row the same number of cells",
    place,
  );
}

function read(cell: string, place: CsvPlace): number {
  const value = number.test(cell) ? Math.fround(Number(cell)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const shown = JSON.stringify(cell.length > longest ? `${cell.slice(0, longest)}...` : cell);
  let problem = `${shown} is not a number`;
  if (cell === "") problem = "the cell is empty";
  else if (!Number.isNaN(value)) problem = `${shown} is too large for float32`;
  throw new CsvError(
    "readCsv",
    `row ${place.row}, column ${JSON.stringify(place.column)}: ${problem}, in line ${place.line} of the text`,
    "correct it, or leave the column out",
    place,
  );
}
