import { collapse } from "../../../layout/collapse";
import { Layout } from "../../../layout/layout";
import { type BatchDim, batchWords, kernelOf, writeArguments } from "./jobs";
import { emitProduct } from "./matmul-kernel";
import type { Form } from "./matmul-tile";
import { type Lines, pack, panelBytes } from "./pack";
import type { Place, Runtime } from "./runtime";

/** Terms that are summed before they are added to the output; part of what the bits of a product are. */
const depth = 256;

/** Rows and columns that are packed at a time, which bounds scratch memory. */
const most = 4096;
const mostBytes = 1 << 24;

/** An operand of a product: its lines, and for each dimension of the batch the bytes between matrices. */
interface Operand extends Lines {
  readonly batch: readonly number[];
}

/** A product of a batch of matrices; the lines of `c` are its rows, their steps its columns. */
interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly extents: readonly number[];
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
}

/**
 * Matrix products `[...batch, m, k] x [...batch, k, n]` of any strides, with the sums and roundings of
 * the JavaScript tier: in order over k, in blocks of `depth`.
 */
export function matmul(runtime: Runtime, out: Place, a: Place, b: Place): boolean {
  if (out.layout.size === 0) return true;
  multiply(runtime, oriented(product(out, a, b)));
  return true;
}

/** Merges dimensions of the batch, and with the rows if all of them are multiplied by the same matrix. */
function product(out: Place, a: Place, b: Place): Product {
  const { shape } = out.layout;
  const last = shape.length - 1;
  const n = shape[last]!;
  const k = a.layout.shape[last]!;
  const left = ({ layout: { strides, offset } }: Place) =>
    new Layout(shape.slice(0, last), strides.slice(0, last), offset);
  const right = new Layout(
    shape.slice(0, last),
    b.layout.strides.slice(0, last).with(last - 1, 0),
    b.layout.offset,
  );
  const { extents, strides } = collapse(shape.slice(0, last), [left(out), left(a), right]);
  const hasRows = extents.length > 0 && strides[2]!.at(-1) === 0;
  const m = hasRows ? extents.at(-1)! : 1;
  const dims = hasRows ? extents.length - 1 : extents.length;
  const operand = ({ address, layout }: Place, of: number, line: number, step: number): Operand => ({
    address: address + 4 * layout.offset,
    line: 4 * line,
    step: 4 * step,
    batch: strides[of]!.slice(0, dims).map((stride) => 4 * stride),
  });
  const row = (of: number) => (hasRows ? strides[of]!.at(-1)! : 1);
  const across = ({ layout }: Place) => (layout.shape[last] === 1 ? 1 : layout.strides[last]!);
  const down = k === 1 ? 1 : b.layout.strides[last - 1]!;
  return {
    ...{ m, n, k, extents: extents.slice(0, dims) },
    a: operand(a, 1, row(1), across(a)),
    b: operand(b, 2, across(b), down),
    c: operand(out, 0, row(0), across(out)),
  };
}

/** The product or its transpose: the one whose output has dense rows, or whose columns are not too few. */
function oriented(product: Product): Product {
  const { m, n, a, b, c } = product;
  const turns = c.step === 4 ? n < 4 && m > n : c.line === 4;
  if (!turns) return product;
  return { ...product, m: n, n: m, a: b, b: a, c: { ...c, line: c.step, step: c.line } };
}

function multiply(runtime: Runtime, product: Product): void {
  const { m, n, k, extents, a, b, c } = product;
  const plan = planOf(product);
  const { form } = plan;
  const count = Math.min(k, depth);
  const [rows, columns] = [Math.min(m, most), Math.min(n, most)];
  const bytesA = plan.packsA ? Math.ceil(rows / 4) * panelBytes(4, count) : 0;
  const bytesB = plan.packsB ? Math.ceil(columns / 8) * panelBytes(8, count) : 0;
  const copies = (of: Operand) => extents.reduce((n, extent, d) => (of.batch[d] === 0 ? n : n * extent), 1);
  const total = bytesA * copies(a) + bytesB * copies(b);
  if (total > mostBytes && extents.length > 0) {
    inParts(runtime, product, Math.max(1, Math.floor((extents[0]! * mostBytes) / total)));
    return;
  }
  const panelsA = total > 0 ? runtime.scratch(total) : 0;
  const panelsB = panelsA + bytesA * copies(a);
  for (let j = 0; j < n; j += columns) {
    const wide = Math.min(columns, n - j);
    for (let p = 0; p === 0 || p < k; p += depth) {
      const steps = Math.min(depth, k - p);
      let right = moved(b, j, p);
      if (plan.packsB) right = packed(runtime, 8, right, wide, steps, extents, panelsB);
      for (let i = 0; i < m; i += rows) {
        const high = Math.min(rows, m - i);
        let left = moved(a, i, p);
        if (plan.packsA) left = packed(runtime, 4, left, high, steps, extents, panelsA);
        block(runtime, form, high, wide, steps, p === 0, extents, left, right, moved(c, i, j));
      }
    }
  }
}

/** Batches that would need too much scratch memory, `size` matrices of the outermost dimension at a time. */
function inParts(runtime: Runtime, product: Product, size: number): void {
  const [extent, ...rest] = product.extents as [number, ...number[]];
  for (let from = 0; from < extent; from += size) {
    const taken = Math.min(size, extent - from);
    const part = (of: Operand): Operand => ({
      ...of,
      address: of.address + from * of.batch[0]!,
      batch: taken === 1 ? of.batch.slice(1) : of.batch,
    });
    const { a, b, c } = product;
    const extents = taken === 1 ? rest : [taken, ...rest];
    multiply(runtime, { ...product, extents, a: part(a), b: part(b), c: part(c) });
  }
}

interface Plan {
  readonly form: Form;
  readonly packsA: boolean;
  readonly packsB: boolean;
}

/** What is worth packing: operands in neither order, and those read so often that it pays. */
function planOf({ m, n, k, a, b }: Product): Plan {
  const alongB = m < 4 && b.line !== 4 && b.step === 4;
  const reread = m >= 16 && Math.abs(b.step) > 256;
  const packsB = !alongB && (b.line !== 4 || reread);
  const order = a.step === 4 ? "rows" : a.line === 4 && !alongB ? "columns" : "panels";
  const often = order === "rows" ? n >= 512 : n >= 64 && k > 64;
  const left = often ? "panels" : order;
  const rows = Math.min(m, 4);
  const vectors = packsB || m > 2 ? 2 : m === 1 && !alongB ? 8 : 4;
  return { form: { rows, vectors, left, alongB }, packsA: left === "panels", packsB };
}

function moved(of: Operand, lines: number, steps: number): Operand {
  return { ...of, address: of.address + lines * of.line + steps * of.step };
}

/** A copy of an operand in panels, for once if it is the same in all of the batch. */
function packed(
  runtime: Runtime,
  width: number,
  source: Operand,
  lines: number,
  count: number,
  extents: readonly number[],
  address: number,
): Operand {
  const dims: BatchDim[] = [];
  const bytes = panelBytes(width, count);
  let size = Math.ceil(lines / width) * bytes;
  const batch = source.batch.map(() => 0);
  for (let d = extents.length - 1; d >= 0; d--) {
    if (source.batch[d] === 0) continue;
    batch[d] = size;
    size *= extents[d]!;
    dims.unshift({ extent: extents[d]!, strides: [source.batch[d]!] });
  }
  pack(runtime, width, source, lines, count, dims, address);
  return { address, line: bytes / width, step: 4 * width, batch };
}

function block(
  runtime: Runtime,
  form: Form,
  m: number,
  n: number,
  count: number,
  first: boolean,
  extents: readonly number[],
  a: Operand,
  b: Operand,
  c: Operand,
): void {
  const { rows, vectors, left, alongB } = form;
  const kernel = kernelOf(runtime, `matmul ${rows} ${vectors} ${left} ${alongB}`, () => emitProduct(form));
  const [high, wide] = [32, 64];
  const [down, across] = [Math.ceil(m / high), Math.ceil(n / wide)];
  const dims = extents.map((extent, d) => ({ extent, strides: [a.batch[d]!, b.batch[d]!, c.batch[d]!] }));
  writeArguments(runtime, [
    ...[a.address, b.address, c.address, m, n, count],
    ...[a.line, a.step, b.line, b.step, c.line, c.step, first ? 1 : 0],
    ...[high, wide, down, across],
    ...batchWords(dims),
  ]);
  const items = extents.reduce((product, extent) => product * extent, down * across);
  runtime.launch(kernel, items, 0.04 * Math.min(m, high) * Math.min(n, wide) * count);
}
