/** A = Q·R by reflections. */
export interface Reflections {
  /** R, and below its diagonal the directions of the reflections, whose first element is 1. */
  readonly factors: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Factor of each reflection I - τ·v·vᵀ. */
  readonly taus: Float64Array;
}

/** Overwrites a matrix by its reflections. The diagonal of R has the sign that cancels no digits, as in LAPACK. */
export function reflect(a: Float64Array, rows: number, columns: number): Reflections {
  const taus = new Float64Array(Math.min(rows, columns));
  for (let k = 0; k < taus.length; k++) {
    const tail = normBelow(a, rows, columns, k);
    if (tail === 0) continue;
    const head = a[k * columns + k]!;
    const beta = -Math.hypot(head, tail) * (head < 0 ? -1 : 1);
    taus[k] = (beta - head) / beta;
    for (let i = k + 1; i < rows; i++) a[i * columns + k]! /= head - beta;
    a[k * columns + k] = beta;
    const v = (i: number) => (i === k ? 1 : a[i * columns + k]!);
    applyReflection(a, columns, k + 1, v, k, rows, taus[k]!);
  }
  return { factors: a, rows, columns, taus };
}

/** The norm of a column below the diagonal, without overflow. */
function normBelow(a: Float64Array, rows: number, columns: number, k: number): number {
  let scale = 0;
  for (let i = k + 1; i < rows; i++) {
    const size = Math.abs(a[i * columns + k]!);
    if (!(size <= scale)) scale = size;
  }
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  let sum = 0;
  for (let i = k + 1; i < rows; i++) sum += (a[i * columns + k]! / scale) ** 2;
  return scale * Math.sqrt(sum);
}

/** Reflects the rows from `top` on, in the columns from `first` on. */
function applyReflection(
  a: Float64Array,
  columns: number,
  first: number,
  v: (row: number) => number,
  top: number,
  rows: number,
  tau: number,
): void {
  for (let c = first; c < columns; c++) {
    let sum = 0;
    for (let i = top; i < rows; i++) sum += v(i) * a[i * columns + c]!;
    sum *= tau;
    for (let i = top; i < rows; i++) a[i * columns + c]! -= sum * v(i);
  }
}

/** Columns of the orthogonal matrix Q, [rows, to - from]. */
export function columnsOfQ(
  { factors, rows, columns, taus }: Reflections,
  from: number,
  to: number,
): Float64Array {
  const width = to - from;
  const q = new Float64Array(rows * width);
  for (let c = 0; c < width; c++) q[(from + c) * width + c] = 1;
  for (let k = taus.length - 1; k >= 0; k--) {
    const v = (i: number) => (i === k ? 1 : factors[i * columns + k]!);
    applyReflection(q, width, 0, v, k, rows, taus[k]!);
  }
  return q;
}
