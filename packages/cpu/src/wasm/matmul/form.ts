import type { Code, Local } from "../assembler/assembler";
import type { ValueType } from "../assembler/instructions";
import { Frame } from "../runtime/frame";

/**
 * The arguments of a product. Strides are in bytes. A line is a row of A or C, or a column of B. `others` and `numbers`
 * are those of an epilogue: the distances between lines of its operands, and its numbers.
 */
export const frame = new Frame({
  count: "integer",
  lineA: "integer",
  stepA: "integer",
  lineB: "integer",
  stepB: "integer",
  lineC: "integer",
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
  name: "lineA" | "stepA" | "lineB" | "stepB" | "lineC" | "stepC",
): Local {
  return frame.load(code, args, name, product);
}

export function locals(code: Code, count: number, of: ValueType): Local[] {
  return Array.from({ length: count }, () => code.local(of));
}

export function times(count: number, body: (index: number) => void): void {
  for (let i = 0; i < count; i++) body(i);
}
