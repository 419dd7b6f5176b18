import type { ElementArray, View } from "@thalweg/kernels";
import { collapse, forEachOuter } from "@thalweg/kernels";
import { depth } from "../order";
import { arrayOf } from "../storage";

const f = Math.fround;

/** A matrix inside an array: element (i, j) is `data[start + i * row + j * column]`. */
interface Matrix {
  readonly data: ElementArray;
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
 * Matrix products of float32 or int32, of any strides. Sums run over k in order, in blocks of `depth`, rounded to
 * float32 at every step; ints wrap. Large ones are the business of WebAssembly.
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
  const dot = out.storage.dtype === "int32" ? dotInts : dotFloats;
  if (batch === 0) {
    multiply(c, left, right, m, n, k, dot);
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
    multiply(c, left, right, m, n, k, dot);
  });
}

/** The sum over `n` products of the elements from `i` on in a row of `a`, and from `j` on in a column of `b`. */
type Dot = (a: Matrix, i: number, b: Matrix, j: number, n: number) => number;

const dotFloats: Dot = ({ data: x, column: dx }, i, { data: y, row: dy }, j, n) => {
  let sum = 0;
  for (let p = 0; p < n; p++) sum = f(sum + f(x[i + p * dx]! * y[j + p * dy]!));
  return sum;
};

const dotInts: Dot = ({ data: x, column: dx }, i, { data: y, row: dy }, j, n) => {
  let sum = 0;
  for (let p = 0; p < n; p++) sum = (sum + Math.imul(x[i + p * dx]!, y[j + p * dy]!)) | 0;
  return sum;
};

function multiply(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number, dot: Dot): void {
  for (let i = 0; i < m; i++) {
    const row = a.start + i * a.row;
    for (let j = 0; j < n; j++) {
      const column = b.start + j * b.column;
      const to = c.start + i * c.row + j * c.column;
      // The array rounds floats and wraps ints.
      c.data[to] = 0;
      for (let p = 0; p < k; p += depth) {
        c.data[to]! += dot(a, row + p * a.column, b, column + p * b.row, Math.min(depth, k - p));
      }
    }
  }
}
