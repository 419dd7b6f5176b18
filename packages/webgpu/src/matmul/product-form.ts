import type { Binding } from "../device/kernel";
import type { Slots } from "../device/slots";
import type { Compute } from "../wgsl/compute";
import { scalarType } from "../wgsl/types";
import { type Walk, walkOf } from "../wgsl/walk";

/** The direction in which four neighbours of a matrix are read at once: along the sum, across it, or none. */
export type Reading = "along" | "across" | "single";

/** The properties of a matrix product kernel. */
export interface ProductForm {
  /** Number of loops over the batch. */
  readonly rank: number;
  /** Slots of the result, of the two sides, and of the other operands of the epilogue. */
  readonly slots: readonly number[];
  readonly left: Reading;
  readonly right: Reading;
  /** Whether the depth is a multiple of a square or tile, so that loads along the sum need no bounds check. */
  readonly isWhole: boolean;
  /** Whether four neighbours of a row of the result are written at once. */
  readonly quads: boolean;
  /** Side of a block, in squares of 4 by 4. */
  readonly side: number;
  readonly epilogue: Compute | null;
  /** Whether all elements are ints. Their products are computed element by element. */
  readonly isInt: boolean;
}

/** The parts of text that matrix product kernels have in common. */
export interface ProductText {
  readonly bindings: readonly Binding[];
  readonly fields: readonly string[];
  readonly globals: string;
  /** Statements that find the matrices of a batch element; `index` is an expression. */
  readonly batch: (index: string) => string;
  /** The expression of an operand's element at a position. */
  readonly element: (operand: number, position: string) => string;
}

/** The batch loops of a form. */
export function batchWalk({ rank, slots }: ProductForm): Walk {
  return walkOf("z", rank, slots.length);
}

export function productText(form: ProductForm, slots: Slots): ProductText {
  const { left, right, quads, epilogue } = form;
  const type = scalarType(form.isInt);
  const places = form.slots;
  const walk = batchWalk(form);
  const wide = new Set<number>();
  if (quads) wide.add(places[0]!);
  if (left !== "single") wide.add(places[1]!);
  if (right !== "single") wide.add(places[2]!);
  const element = (operand: number, position: string) => {
    const slot = places[operand]!;
    return wide.has(slot) ? `b${slot}[(${position}) >> 2u][(${position}) & 3]` : `b${slot}[${position}]`;
  };
  const others = (epilogue?.parameters ?? []).filter((input) => input > 0);
  const read = others.map((_, i) => {
    const k = i + 3;
    return element(k, `starts[${k}] + row * args.r${k} + column * args.c${k}`);
  });
  const product = epilogue?.parameters[0] === 0 ? ["sum"] : [];
  const result = epilogue === null ? "sum" : `compute(${[...product, ...read].join(", ")}).y0`;
  return {
    bindings: slots.written.map((written, k) => ({ type: wide.has(k) ? "vec4<f32>" : type, written })),
    fields: [
      "m: i32",
      "n: i32",
      "k: i32",
      "count: u32",
      ...places.flatMap((_, k) => [`r${k}: i32`, `c${k}: i32`]),
      ...(epilogue?.fields ?? []),
      ...walk.fields,
    ],
    globals: `${epilogue?.text ?? ""}
var<private> starts: array<i32, ${places.length}>;
fn finished(sum: ${type}, row: i32, column: i32) -> ${type} { return ${result}; }`,
    batch: (index) => `let batch = ${index};
${walk.code("batch")}
${places.map((_, k) => `starts[${k}] = zp${k};`).join("\n")}`,
    element,
  };
}
