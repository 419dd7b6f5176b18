import Papa from "papaparse";
import { CsvError } from "./csv-error";

/** The cells of a row, and its position in the text. */
export interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Number of lines that a cell takes besides its first. */
function newlines(cell: string): number {
  let count = 0;
  for (let at = cell.indexOf("\n"); at !== -1; at = cell.indexOf("\n", at + 1)) count++;
  return count;
}

/** The rows of a text that are not blank. Cells are trimmed, and lines in cells end with `\n`. */
export function rowsOf(text: string, delimiter: string): Row[] {
  const unix = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  const { data, errors } = Papa.parse<string[]>(unix, { delimiter, newline: "\n" });
  const [fault] = errors;
  const rows: Row[] = [];
  let line = 1;
  data.forEach((record, i) => {
    if (fault?.row === i) throw quotesDiffer(fault.code === "InvalidQuotes", line);
    const cells = record.map((cell) => cell.trim());
    if (cells.length > 1 || cells[0] !== "") rows.push({ cells, line });
    line += 1;
    for (const cell of record) line += newlines(cell);
  });
  return rows;
}

function quotesDiffer(isEarly: boolean, line: number): CsvError {
  return new CsvError(
    "readCsv",
    `${isEarly ? "text follows the closing quote of a cell" : "the quotes of a cell are not closed"}, in the row of line ${line} of the text`,
    'write a quote within a quoted cell twice: "a ""b"" c"',
    { line },
  );
}
