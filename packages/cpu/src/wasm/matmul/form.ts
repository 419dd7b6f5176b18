import type { Code, Local } from "../assembler/assembler";
import type { ValueType } from "../assembler/instructions";
import { Frame } from "../runtime/frame";

/**
 * Arguments of a product. Strides are bytes; a row is one of A or C, or of the transposed B. `others` and `numbers` are what an
 * epilogue needs: the rows of its operands, and numbers.
 */
export const frame = new Frame({
  count: "integer",
  rowA: "integer",
  stepA: "integer",
  rowB: "integer",
  stepB: "integer",
  rowC: "integer",
  stepC: "integer",
  /** Whether the first terms are stored; later ones are added. */
  first: "integer",
  /** The largest numbers of rows and columns of an item. */
  high: "integer",
  wide: "integer",
  others: "integers",
  numbers: "floats",
  /** The remaining rows and columns, and addresses. */
  items: { down: "integer", across: "integer", a: "integer", b: "integer", c: "integer", others: "integers" },
});

/** The properties on which the loops of a kernel depend. */
export interface Form {
  /** What is multiplied: float32, or ints, which wrap. */
  readonly single: "f32" | "i32";
  /** The largest tile: its rows, and its vectors of four columns. */
  readonly rows: number;
  readonly vectors: number;
  /** The direction of neighbours in A: along rows, along columns, or in packed panels of four rows. */
  readonly left: "rows" | "columns" | "panels";
  /** Whether elements of a column of B are neighbours; otherwise those of a row are. */
  readonly alongB: boolean;
}

const product = { others: 0, numbers: 0 };

/** Loads an argument that every product has into a variable. */
export function argument(
  code: Code,
  args: Local,
  name: "rowA" | "stepA" | "rowB" | "stepB" | "rowC" | "stepC",
): Local {
  return frame.load(code, args, name, product);
}

export function locals(code: Code, count: number, of: ValueType): Local[] {
  return Array.from({ length: count }, () => code.local(of));
}

export function times(count: number, body: (index: number) => void): void {
  for (let i = 0; i < count; i++) body(i);
}
