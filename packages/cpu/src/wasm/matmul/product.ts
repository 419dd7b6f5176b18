import { collapse, Layout } from "@thalweg/kernels";
import type { MemoryView } from "../runtime/runtime";

/**
 * A batch of matrices in memory, seen by their rows: of the left operand, of the output, and of the right operand
 * transposed, so that elements of a row of either operand are terms. All distances are in bytes.
 */
export interface Matrices {
  readonly address: number;
  /** From one row to the next. */
  readonly row: number;
  /** From one element of a row to the next. */
  readonly step: number;
  /** The distance from one matrix to the next, for each dimension of the batch. */
  readonly batch: readonly number[];
  /** Where rows, and elements of a row, are in a matrix whose distances are not even; those above are NaN. */
  readonly offsets?: Offsets;
  /** Addresses of the offsets, from the first row and the first element on. */
  readonly tables?: { readonly rows: number; readonly steps: number };
}

/** Distances in bytes, from the beginning of a matrix. */
export interface Offsets {
  readonly rows: Int32Array;
  readonly steps: Int32Array;
}

/** Products of a batch of matrices, `[m, k] x [k, n]`. */
export interface Product {
  readonly isInt: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** The dimensions of the batch. */
  readonly extents: readonly number[];
  readonly a: Matrices;
  readonly b: Matrices;
  readonly c: Matrices;
  /** Other operands of the shape of the output, with their rows as lines. */
  readonly others: readonly Matrices[];
}

/** Merges dimensions of the batch with each other, and with the rows if all are multiplied by the same matrix. */
export function productOf(
  out: MemoryView,
  a: MemoryView,
  b: MemoryView,
  others: readonly MemoryView[],
): Product {
  const { shape } = out.layout;
  const last = shape.length - 1;
  const n = shape[last]!;
  const k = a.layout.shape[last]!;
  const rows = shape.slice(0, last);
  const left = ({ layout }: MemoryView) => new Layout(rows, layout.strides.slice(0, last), layout.offset);
  const shared = new Layout(rows, b.layout.strides.slice(0, last).with(last - 1, 0), b.layout.offset);
  const { extents, strides } = collapse(rows, [shared, left(a), left(out), ...others.map(left)]);
  const hasRows = extents.length > 0 && strides[0]!.at(-1) === 0;
  const dims = extents.length - (hasRows ? 1 : 0);
  const operand = ({ address, layout }: MemoryView, of: number, row: number, step: number): Matrices => ({
    address: address + 4 * layout.offset,
    row: 4 * row,
    step: 4 * step,
    batch: strides[of]!.slice(0, dims).map((stride) => 4 * stride),
  });
  const byRows = (place: MemoryView, of: number) =>
    operand(place, of, hasRows ? strides[of]!.at(-1)! : 1, stride(place, last));
  return {
    isInt: out.isInt === true,
    m: hasRows ? extents.at(-1)! : 1,
    n,
    k,
    extents: extents.slice(0, dims),
    a: byRows(a, 1),
    b: operand(b, 0, stride(b, last), stride(b, last - 1)),
    c: byRows(out, 2),
    others: others.map((other, i) => byRows(other, 3 + i)),
  };
}

/** A single element may be taken for one of a dense row. */
function stride({ layout }: MemoryView, dim: number): number {
  return layout.shape[dim] === 1 ? 1 : layout.strides[dim]!;
}

/**
 * The product or its transpose: the one whose output has dense rows, or enough columns.
 *
 * @param finishes whether an epilogue needs dense rows
 */
export function oriented(product: Product, finishes: boolean): Product {
  const { m, n, a, b, c, others } = product;
  const dense = c.row === 4;
  const turns = c.step === 4 ? n < 4 && m > n && (dense || !finishes) : dense;
  if (!turns) return product;
  return { ...product, m: n, n: m, a: b, b: a, c: turned(c), others: others.map(turned) };
}

function turned({ address, row, step, batch }: Matrices): Matrices {
  return { address, row: step, step: row, batch };
}

/** From another row and element on. */
export function moved(operand: Matrices, rows: number, steps: number): Matrices {
  const { address, row, step, batch, tables } = operand;
  if (tables === undefined) return { address: address + rows * row + steps * step, row, step, batch };
  const further = { rows: tables.rows + 4 * rows, steps: tables.steps + 4 * steps };
  return { ...operand, tables: further };
}

/** The part of a product with `count` matrices of the outermost dimension of the batch, from `from` on. */
export function batchPart(product: Product, from: number, count: number): Product {
  const part = (of: Matrices): Matrices => ({ ...of, address: of.address + from * of.batch[0]! });
  const { a, b, c, others, extents } = product;
  return {
    ...product,
    extents: extents.with(0, count),
    ...{ a: part(a), b: part(b), c: part(c), others: others.map(part) },
  };
}
