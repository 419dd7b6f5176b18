/** P·A = L·U. */
export interface LU {
  /** U, and below its diagonal L, whose diagonal is 1. */
  readonly factors: Float64Array;
  readonly n: number;
  /** The row that each row was exchanged with, in order. */
  readonly exchanged: Int32Array;
  /** Determinant of P. */
  readonly sign: number;
  /** The first place where the diagonal of U is 0; -1 if there is none. */
  readonly zero: number;
}

/** Gaussian elimination with partial pivoting. It overwrites the matrix. */
export function factorLU(a: Float64Array, n: number): LU {
  const exchanged = new Int32Array(n);
  let sign = 1;
  let zero = -1;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i;
    }
    exchanged[k] = best;
    if (best !== k) {
      swapRows(a, n, k, best);
      sign = -sign;
    }
    const pivot = a[k * n + k]!;
    if (pivot === 0) {
      if (zero < 0) zero = k;
      continue;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / pivot;
      a[i * n + k] = factor;
      if (factor !== 0) subtractRow(a, n, i, k, factor, k + 1);
    }
  }
  return { factors: a, n, exchanged, sign, zero };
}

function swapRows(a: Float64Array, width: number, i: number, j: number): void {
  for (let c = 0; c < width; c++) {
    const kept = a[i * width + c]!;
    a[i * width + c] = a[j * width + c]!;
    a[j * width + c] = kept;
  }
}

/** Subtracts a multiple of row `from` from row `to`, from a column on. */
function subtractRow(
  a: Float64Array,
  width: number,
  to: number,
  from: number,
  factor: number,
  first: number,
): void {
  for (let c = first; c < width; c++) a[to * width + c]! -= factor * a[from * width + c]!;
}

/** Solves A·X = B for [n, columns], in the place of B. */
export function solveLU({ factors, n, exchanged }: LU, b: Float64Array, columns: number): Float64Array {
  for (let k = 0; k < n; k++) if (exchanged[k] !== k) swapRows(b, columns, k, exchanged[k]!);
  solveTriangle(factors, n, b, columns, { upper: false, unit: true });
  return solveTriangle(factors, n, b, columns, { upper: true, unit: false });
}

/** Solves T·X = B for [n, columns], in the place of B, where T is one triangle of the matrix. */
export function solveTriangle(
  t: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
  { upper, unit }: { readonly upper: boolean; readonly unit: boolean },
): Float64Array {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const [from, to] = upper ? [i + 1, n] : [0, i];
    for (let j = from; j < to; j++) {
      const factor = t[i * n + j]!;
      for (let c = 0; c < columns; c++) b[i * columns + c]! -= factor * b[j * columns + c]!;
    }
    if (unit) continue;
    const pivot = t[i * n + i]!;
    for (let c = 0; c < columns; c++) b[i * columns + c]! /= pivot;
  }
  return b;
}

/** The unit matrix, [n, n]. */
export function identity(n: number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) a[i * n + i] = 1;
  return a;
}
