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
  const isInt = out.storage.dtype === "int32";
  if (batch === 0) {
    multiply(c, left, right, m, n, k, isInt);
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
    multiply(c, left, right, m, n, k, isInt);
  });
}

function multiply(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number, isInt: boolean): void {
  const [dataA, dataB, dataC] = [a.data, b.data, c.data];
  const [rowA, stepA, stepB, columnB] = [a.row, a.column, b.row, b.column];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let from = 0; from < k; from += depth) {
        const to = Math.min(from + depth, k);
        let pa = a.start + i * rowA + from * stepA;
        let pb = b.start + j * columnB + from * stepB;
        let sum = 0;
        for (let p = from; p < to; p++) {
          sum = isInt ? (sum + Math.imul(dataA[pa]!, dataB[pb]!)) | 0 : f(sum + f(dataA[pa]! * dataB[pb]!));
          pa += stepA;
          pb += stepB;
        }
        total = isInt ? (total + sum) | 0 : f(total + sum);
      }
      dataC[c.start + i * c.row + j * c.column] = total;
    }
  }
}
