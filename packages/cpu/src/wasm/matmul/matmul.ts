import type { Grouping, MapProgram } from "@thalweg/kernels";
import { depth } from "../../order";
import { map } from "../kernels/map";
import { kernelOf } from "../runtime/kernel-cache";
import type { Kernel, MemoryView, Runtime } from "../runtime/runtime";
import { epilogueOf, type Finish } from "./epilogue";
import { type Form, frame } from "./form";
import { productModule } from "./module";
import { groupsOf } from "./offsets";
import { pack, panelBytes } from "./pack";
import { packOffsets } from "./pack-gathered";
import { batchPart, type Matrices, moved, oriented, type Product, productOf } from "./product";

/** The largest numbers of terms, and of rows or columns, that are packed at a time, and of scratch bytes for a batch. */
const span = 4 * depth;
const maxRows = 2048;
const maxPackedBytes = 1 << 24;

/** The scratch bytes for a batch of gathered operands: as many as stay in the second-level cache. */
const maxGatheredBytes = 1 << 21;

/** The largest number of words for the loops of a job. Usual products need far fewer. */
const maxLoopWords = 512;

/** The rows and columns of an item. */
const [high, wide] = [32, 64];

/** A map of each element of the product, which is input 0, and of operands of the same shape. */
export interface Epilogue {
  readonly program: MapProgram;
  readonly operands: readonly (MemoryView | number)[];
}

/**
 * Computes matrix products `[...batch, m, k] x [...batch, k, n]` with any strides. Sums and roundings are those of the
 * JavaScript tier: in order over k, in blocks of `depth`.
 *
 * @returns whether there is a kernel for the epilogue; if not, nothing is done
 */
export function matmul(
  runtime: Runtime,
  out: MemoryView,
  a: MemoryView,
  b: MemoryView,
  epilogue?: Epilogue,
): boolean {
  if (out.layout.size === 0) return true;
  const places = (epilogue?.operands ?? []).filter((operand) => typeof operand === "object");
  return compute(runtime, out, productOf(out, a, b, places), epilogue);
}

/**
 * Like {@link matmul}, for operands whose rows, columns and terms are several dimensions each. The output has one
 * dimension for rows and one for columns.
 */
export function contract(
  runtime: Runtime,
  out: MemoryView,
  a: MemoryView,
  b: MemoryView,
  { rows, columns, terms }: Grouping,
  epilogue?: Epilogue,
): boolean {
  if (out.layout.size === 0) return true;
  const places = (epilogue?.operands ?? []).filter((operand) => typeof operand === "object");
  const left = groupsOf(a, rows, terms);
  const right = groupsOf(b, terms, columns);
  const product = productOf(out, left.place, right.place, places);
  if (left.offsets !== undefined && product.m !== left.offsets.first.length) return false;
  // An operand with neighbours in neither direction is packed.
  const uneven = { row: Number.NaN, step: Number.NaN };
  const of = (operand: Matrices, rows?: Int32Array, steps?: Int32Array): Matrices =>
    rows === undefined || steps === undefined ? operand : { ...operand, ...uneven, offsets: { rows, steps } };
  const whole = {
    ...product,
    a: of(product.a, left.offsets?.first, left.offsets?.second),
    b: of(product.b, right.offsets?.second, right.offsets?.first),
  };
  return compute(runtime, out, whole, epilogue);
}

function compute(runtime: Runtime, out: MemoryView, given: Product, epilogue: Epilogue | undefined): boolean {
  if (runtime.gemm?.(runtime, given)) {
    return epilogue === undefined || map(runtime, epilogue.program, [out], [out, ...epilogue.operands]);
  }
  const product = oriented(given, epilogue !== undefined);
  if ((product.extents.length + 4) * (product.others.length + 6) > maxLoopWords) return false;
  let finish: Finish | undefined;
  if (epilogue !== undefined) {
    const found = epilogueOf(runtime, epilogue.program, epilogue.operands, product);
    if (found === null) return false;
    finish = found;
  }
  return multiply(runtime, product, finish);
}

interface Plan {
  readonly form: Form;
  readonly packsA: boolean;
  readonly packsB: boolean;
}

/** Chooses the loops, and which operands are packed: those without neighbours, and those read so often that it pays. */
function planOf({ m, n, k, a, b, isInt }: Product): Plan {
  const alongB = m < 4 && b.row !== 4 && b.step === 4;
  const reread = m >= 16 && Math.abs(b.step) > 256;
  const packsB = !alongB && (b.row !== 4 || reread);
  const order = a.step === 4 ? "rows" : a.row === 4 && !alongB ? "columns" : "panels";
  const often = m >= 4 && (order === "rows" ? n >= 512 : n >= 64 && k > 64);
  const left = often ? "panels" : order;
  const vectors = packsB || m > 2 ? 2 : m === 1 && !alongB ? 8 : 4;
  const single = isInt ? "i32" : "f32";
  return { form: { single, rows: Math.min(m, 4), vectors, left, alongB }, packsA: left === "panels", packsB };
}

function multiply(runtime: Runtime, product: Product, finish: Finish | undefined): boolean {
  const { m, n, k, extents, c, others } = product;
  let { a, b } = product;
  const { form, packsA, packsB } = planOf(product);
  const [rows, columns, count] = [Math.min(m, maxRows), Math.min(n, maxRows), Math.min(k, span)];
  const copies = (of: Matrices) => extents.reduce((n, extent, d) => (of.batch[d] === 0 ? n : n * extent), 1);
  const bytesA = packsA ? copies(a) * panelBytes(4, rows, count) : 0;
  const bytes = bytesA + (packsB ? copies(b) * panelBytes(8, columns, count) : 0);
  const limit = a.offsets === undefined && b.offsets === undefined ? maxPackedBytes : maxGatheredBytes;
  if (bytes > limit && extents.length > 0) {
    const size = Math.max(1, Math.floor((extents[0]! * limit) / bytes));
    if (size < extents[0]!) return inParts(runtime, product, size, finish);
  }
  const [tableA, tableB] = [tableBytes(a), tableBytes(b)];
  const panelsA = bytes > 0 ? runtime.scratch(bytes + tableA + tableB) : 0;
  a = tabled(runtime, a, panelsA + bytes);
  b = tabled(runtime, b, panelsA + bytes + tableA);
  const name = `matmul ${form.single} ${form.rows} ${form.vectors} ${form.left} ${form.alongB}`;
  const plain = kernelOf(runtime, name, () => productModule(form));
  const final = finish?.kernel(name, form) ?? plain;
  for (let j = 0; j < n; j += columns) {
    const nj = Math.min(columns, n - j);
    for (let p = 0; p === 0 || p < k; p += span) {
      const kp = Math.min(span, k - p);
      let right = moved(b, j, p);
      if (packsB) right = packed(runtime, 8, right, nj, kp, extents, panelsA + bytesA);
      for (let i = 0; i < m; i += rows) {
        const mi = Math.min(rows, m - i);
        let left = moved(a, i, p);
        if (packsA) left = packed(runtime, 4, left, mi, kp, extents, panelsA);
        const part: Product = {
          ...product,
          m: mi,
          n: nj,
          k: kp,
          a: left,
          b: right,
          c: moved(c, i, j),
          others: others.map((other) => moved(other, i, j)),
        };
        if (p + span < k) block(runtime, plain, part, p === 0);
        else block(runtime, final, part, p === 0, finish);
      }
    }
  }
  return true;
}

const packed: typeof pack = (runtime, width, source, ...rest) =>
  (source.tables === undefined ? pack : packOffsets)(runtime, width, source, ...rest);

/** Offsets are read in fours. */
const inFours = (count: number) => (count + 3) & ~3;

function tableBytes({ offsets }: Matrices): number {
  return offsets === undefined ? 0 : 4 * (inFours(offsets.rows.length) + inFours(offsets.steps.length));
}

/** Writes the offsets of an operand to memory. Those beyond the last one are read, and their elements are not used. */
function tabled(runtime: Runtime, operand: Matrices, address: number): Matrices {
  const { offsets } = operand;
  if (offsets === undefined) return operand;
  const [rows, steps] = [inFours(offsets.rows.length), inFours(offsets.steps.length)];
  const tables = {
    rows: runtime.table(offsets.rows, rows, address),
    steps: runtime.table(offsets.steps, steps, address + 4 * rows),
  };
  return { ...operand, tables };
}

/** Multiplies a batch that needs too much scratch memory, `size` matrices of the outermost dimension at a time. */
function inParts(runtime: Runtime, product: Product, size: number, finish: Finish | undefined): boolean {
  const extent = product.extents[0]!;
  for (let from = 0; from < extent; from += size) {
    if (!multiply(runtime, batchPart(product, from, Math.min(size, extent - from)), finish)) return false;
  }
  return true;
}

/** Runs a kernel for one block of a product, whose operands may have been packed. */
function block(runtime: Runtime, kernel: Kernel, product: Product, first: boolean, finish?: Finish): void {
  const { m, n, k, extents, a, b, c } = product;
  const others = finish === undefined ? [] : product.others;
  const each = (
    down: number,
    across: number,
    of: (operand: Matrices) => number,
    toA = of(a),
    toB = of(b),
  ) => {
    return { down, across, a: toA, b: toB, c: of(c), others: others.map(of) };
  };
  const loops = [...extents, Math.ceil(m / high), Math.ceil(n / wide)];
  const steps = [
    ...extents.map((_, d) => each(0, 0, ({ batch }) => batch[d]!)),
    each(-high, 0, ({ row }) => high * row, undefined, 0),
    each(0, -wide, ({ step }) => wide * step, 0, wide * b.row),
  ];
  // The innermost loop is the cheapest one. In a batch of small matrices it is that of the batch, without loops of 1.
  const several = (_: unknown, d: number) => loops[d] !== 1;
  const items = frame.write(runtime, {
    count: k,
    rowA: a.row,
    stepA: a.step,
    rowB: b.row,
    stepB: b.step,
    rowC: c.row,
    stepC: c.step,
    first: first ? 1 : 0,
    high,
    wide,
    others: others.map(({ row }) => row),
    numbers: finish?.numbers ?? [],
    items: {
      bases: each(m, n, ({ address }) => address),
      extents: loops.filter(several),
      steps: steps.filter(several),
    },
  });
  // With few rows, a kernel mostly waits for memory.
  const [rows, columns] = [Math.min(m, high), Math.min(n, wide)];
  const cost = Math.max(0.15, 0.04 * rows) * k + (finish?.cost ?? 0) * rows;
  runtime.launch(kernel, items, cost * columns);
}
