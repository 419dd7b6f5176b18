import { ThalwegError } from "@thalweg/tensor";

/** Where in a table an error lies. */
export interface CsvPlace {
  /**
   * The row, counted from 1 like lines of data: neither header nor blank lines count.
   * Left out where no single row is wrong.
   */
  readonly row?: number | undefined;
  /** Name of the column; left out where no single column is wrong. */
  readonly column?: string | undefined;
  /** The line of the text in which the row starts, counted from 1; left out where no line is known. */
  readonly line?: number | undefined;
}

/**
 * A text is not the table that it was read as.
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
  override readonly name: string = "CsvError";
  readonly row: number | undefined;
  readonly column: string | undefined;
  readonly line: number | undefined;

  /** Unless given, `remedy` is not part of the message, and `place` is empty. */
  constructor(op: string, problem: string, remedy?: string, place: CsvPlace = {}) {
    super(op, problem, remedy);
    this.row = place.row;
    this.column = place.column;
    this.line = place.line;
  }
}

/** Limit of the names that an error lists. */
const mostNames = 20;

/** Names, as an error lists them. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map((name) => quoted(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** Limit of the characters of a text that an error shows. */
const longest = 40;

/** A text, as an error shows it. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}...` : text);
}
