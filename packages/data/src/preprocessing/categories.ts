import { DataError } from "../data-error";
import { columnOf, type Table } from "./table";

/** What encoders learn: the categories of each column, in ascending order. */
export interface Categories {
  readonly categories: readonly (readonly number[])[];
}

/** The different values of each column in ascending order, NaN last; without NaN if `keepsNaN` is false. */
export function categoriesIn(table: Table, keepsNaN: boolean): Categories {
  const categories = Array.from({ length: table.columns }, (_, column) => {
    const all = [...Float64Array.from(new Set(columnOf(table, column))).sort()];
    return keepsNaN ? all : all.filter((value) => !Number.isNaN(value));
  });
  return { categories };
}

/** Why lists cannot be categories; nothing if they can. */
export function misfitOf({ categories }: Categories, keepsNaN: boolean): string | undefined {
  const isWrong = (value: number, before: number | undefined) =>
    Number.isNaN(value) ? !keepsNaN || Number.isNaN(before) : before !== undefined && !(before < value);
  const wrong = categories.find((of) => of.some((value, k) => isWrong(value, of[k - 1])));
  return wrong && `the categories ${listed(wrong)}`;
}

/** Limit of the categories that an error lists. */
const mostListed = 20;

function listed(categories: readonly number[]): string {
  const more = categories.length - mostListed;
  const shown = categories.slice(0, mostListed).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** The position of each category of each column. */
export const positionsIn = ({ categories }: Categories): ReadonlyMap<number, number>[] =>
  categories.map((of) => new Map(of.map((value, k) => [value, k])));

/** The error for a value that is not among the categories of its column. */
export function unknown(
  op: string,
  { categories }: Categories,
  value: number,
  [row, column]: readonly [number, number],
  remedy: string,
): DataError {
  const problem = `${value} in row ${row} is not a category of column ${column}, ${listed(categories[column]!)}`;
  return new DataError(op, problem, remedy);
}
