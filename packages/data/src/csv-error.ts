import { ThalwegError } from "@thalweg/tensor";

/** Where in a table an error lies. */
export interface CsvPlace {
  /** The row, counted from 1 as a person counts lines of data: neither header nor blank lines count. */
  readonly row?: number;
  /** Name of the column. */
  readonly column?: string;
  /** The line of the text in which the row starts, counted from 1. */
  readonly line?: number;
}

/**
 * A text is not the table of numbers it was read as.
 *
 * @example
 * try {
 *   readCsv("speed,dist\n4,2\n7,far");
 * } catch (error) {
 *   (error as CsvError).row; // → 2
 *   (error as CsvError).column; // → "dist"
 * }
 */
export class CsvError extends ThalwegError implements CsvPlace {
  readonly row: number | undefined;
  readonly column: string | undefined;
  readonly line: number | undefined;

  constructor(op: string, problem: string, remedy: string, place: CsvPlace = {}) {
    super(op, problem, remedy);
    this.row = place.row;
    this.column = place.column;
    this.line = place.line;
  }
}
