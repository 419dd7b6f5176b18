import type { Code, Local } from "../assembler/assembler";
import { type, type ValueType } from "../assembler/instructions";

/** Words of a product's arguments. Strides are bytes; a line is a row of A or C, a column of B. */
export const word = {
  count: 0,
  lineA: 1,
  stepA: 2,
  lineB: 3,
  stepB: 4,
  lineC: 5,
  stepC: 6,
  /** Whether the first `depth` terms are stored; later ones are added. */
  first: 7,
  /** Most rows and columns of an item. */
  high: 8,
  wide: 9,
  /** What an epilogue needs. */
  others: 10,
} as const;

/** The loops of one kernel. */
export interface Form {
  /** Largest tile: rows, and vectors of four columns. */
  readonly rows: number;
  readonly vectors: number;
  /** Where neighbours of A lie: along rows, along columns, or in packed panels of four rows. */
  readonly left: "rows" | "columns" | "panels";
  /** Whether elements of a column of B are neighbours; otherwise those of a row are. */
  readonly alongB: boolean;
}

/** A variable that holds a word of the arguments. */
export function argument(code: Code, args: Local, index: number): Local {
  const local = code.local(type.i32);
  code.get(args);
  code.at("i32Load", 4 * index).set(local);
  return local;
}

export function locals(code: Code, count: number, of: ValueType): Local[] {
  return Array.from({ length: count }, () => code.local(of));
}

export function times(count: number, body: (index: number) => void): void {
  for (let i = 0; i < count; i++) body(i);
}
