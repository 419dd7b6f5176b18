import { collapse, forEachOuter } from "../../../layout/collapse";
import type { View } from "../../backend";
import { arrayOf, type CpuArray } from "../storage";

const f = Math.fround;

/** Rows and columns of the register tile, and the depth after which partial sums go to memory. */
const tile = 4;
const depth = 256;

/** Below this many multiplications, packing costs more than it saves. */
const small = 4096;

/** A matrix inside of an array: element (i, j) is `data[start + i * row + j * column]`. */
interface Matrix {
  readonly data: CpuArray;
  start: number;
  readonly row: number;
  readonly column: number;
}

function matrix(view: View): Matrix {
  const { strides, offset } = view.layout;
  const last = strides.length - 1;
  return { data: arrayOf(view), start: offset, row: strides[last - 1]!, column: strides[last]! };
}

/**
 * Float32 matrix products of any strides. Sums run over k in order, in blocks of `depth`, rounded to
 * float32 at every step, in both the plain loop and the packed one, so that both give the same bits.
 */
export function matmul(out: View, a: View, b: View): void {
  const { shape } = out.layout;
  const batch = shape.length - 2;
  const m = shape[batch]!;
  const n = shape[batch + 1]!;
  const k = a.layout.shape[batch + 1]!;
  const c = matrix(out);
  const left = matrix(a);
  const right = matrix(b);
  const multiply = m * n * k <= small ? plain : packed;
  if (batch === 0) {
    multiply(c, left, right, m, n, k);
    return;
  }
  if (out.layout.size === 0) return;
  const outer = (view: View) => {
    let { layout } = view;
    while (layout.ndim > batch) layout = layout.select(batch, 0);
    return layout;
  };
  const loops = collapse(shape.slice(0, batch), [outer(out), outer(a), outer(b)]);
  forEachOuter(loops, 0, ([pc, pa, pb]) => {
    [c.start, left.start, right.start] = [pc!, pa!, pb!];
    multiply(c, left, right, m, n, k);
  });
}

function plain(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
  const [dataA, dataB] = [a.data, b.data];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let from = 0; from < k; from += depth) {
        const to = Math.min(from + depth, k);
        let pa = a.start + i * a.row + from * a.column;
        let pb = b.start + j * b.column + from * b.row;
        let sum = 0;
        for (let p = from; p < to; p++) {
          sum = f(sum + f(dataA[pa]! * dataB[pb]!));
          pa += a.column;
          pb += b.row;
        }
        total = f(total + sum);
      }
      c.data[c.start + i * c.row + j * c.column] = total;
    }
  }
}

let panelA = new Float32Array(0);
let panelB = new Float32Array(0);

/** Tiles of `tile` x `tile` sums over operands that are first copied in the order they are read. */
function packed(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
  const rows = Math.ceil(m / tile) * tile;
  const columns = Math.ceil(n / tile) * tile;
  if (panelA.length < rows * depth) panelA = new Float32Array(rows * depth);
  if (panelB.length < columns * depth) panelB = new Float32Array(columns * depth);
  for (let from = 0; from < k; from += depth) {
    const count = Math.min(depth, k - from);
    pack(panelA, a.data, a.start + from * a.column, a.row, a.column, m, count);
    pack(panelB, b.data, b.start + from * b.row, b.column, b.row, n, count);
    for (let j = 0; j < n; j += tile) {
      for (let i = 0; i < m; i += tile) {
        multiplyTile(count, i * count, j * count);
        const [high, wide] = [Math.min(tile, m - i), Math.min(tile, n - j)];
        for (let y = 0; y < high; y++) {
          const start = c.start + (i + y) * c.row + j * c.column;
          for (let x = 0; x < wide; x++) {
            const position = start + x * c.column;
            const sum = sums[y * tile + x]!;
            c.data[position] = from === 0 ? sum : c.data[position]! + sum;
          }
        }
      }
    }
  }
}

/** Strips of `tile` lines, element by element of `count`, missing lines as zeros. */
function pack(
  panel: Float32Array,
  data: CpuArray,
  start: number,
  line: number,
  step: number,
  lines: number,
  count: number,
): void {
  let to = 0;
  for (let i = 0; i < lines; i += tile) {
    const high = Math.min(tile, lines - i);
    for (let p = 0; p < count; p++) {
      const from = start + i * line + p * step;
      for (let y = 0; y < high; y++) panel[to + y] = data[from + y * line]!;
      for (let y = high; y < tile; y++) panel[to + y] = 0;
      to += tile;
    }
  }
}

const sums = new Float32Array(tile * tile);

function multiplyTile(count: number, startA: number, startB: number): void {
  const [A, B] = [panelA, panelB];
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c03 = 0;
  let c10 = 0,
    c11 = 0,
    c12 = 0,
    c13 = 0;
  let c20 = 0,
    c21 = 0,
    c22 = 0,
    c23 = 0;
  let c30 = 0,
    c31 = 0,
    c32 = 0,
    c33 = 0;
  const end = startA + count * tile;
  for (let p = startA, q = startB; p < end; p += 4, q += 4) {
    const b0 = B[q]!,
      b1 = B[q + 1]!,
      b2 = B[q + 2]!,
      b3 = B[q + 3]!;
    const a0 = A[p]!;
    c00 = f(c00 + f(a0 * b0));
    c01 = f(c01 + f(a0 * b1));
    c02 = f(c02 + f(a0 * b2));
    c03 = f(c03 + f(a0 * b3));
    const a1 = A[p + 1]!;
    c10 = f(c10 + f(a1 * b0));
    c11 = f(c11 + f(a1 * b1));
    c12 = f(c12 + f(a1 * b2));
    c13 = f(c13 + f(a1 * b3));
    const a2 = A[p + 2]!;
    c20 = f(c20 + f(a2 * b0));
    c21 = f(c21 + f(a2 * b1));
    c22 = f(c22 + f(a2 * b2));
    c23 = f(c23 + f(a2 * b3));
    const a3 = A[p + 3]!;
    c30 = f(c30 + f(a3 * b0));
    c31 = f(c31 + f(a3 * b1));
    c32 = f(c32 + f(a3 * b2));
    c33 = f(c33 + f(a3 * b3));
  }
  sums[0] = c00;
  sums[1] = c01;
  sums[2] = c02;
  sums[3] = c03;
  sums[4] = c10;
  sums[5] = c11;
  sums[6] = c12;
  sums[7] = c13;
  sums[8] = c20;
  sums[9] = c21;
  sums[10] = c22;
  sums[11] = c23;
  sums[12] = c30;
  sums[13] = c31;
  sums[14] = c32;
  sums[15] = c33;
}
