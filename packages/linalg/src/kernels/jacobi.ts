import { columnsOfQ, reflect } from "./householder";
import { identity } from "./lu";

/** A = U·diag(S)·Vᵀ, with U [rows, k], V [columns, k] and k = min(rows, columns). */
export interface SingularValues {
  readonly U: Float64Array;
  readonly S: Float64Array;
  readonly V: Float64Array;
}

const maxSweeps = 60;

/** Swaps rows and columns of [rows, columns]. */
function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  const t = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) t[j * rows + i] = a[i * columns + j]!;
  return t;
}

/** Rotates rows p and q of `a`, which have `width` elements: (p, q) becomes (c·p - s·q, s·p + c·q). */
function rotateRows(a: Float64Array, width: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < width; i++) {
    const [x, y] = [a[p * width + i]!, a[q * width + i]!];
    a[p * width + i] = c * x - s * y;
    a[q * width + i] = s * x + c * y;
  }
}

function dotRows(a: Float64Array, width: number, p: number, q: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a[p * width + i]! * a[q * width + i]!;
  return sum;
}

/** The smaller rotation that makes [[a, b], [b, c]] diagonal, as cosine and sine. */
function rotation(a: number, b: number, c: number): [number, number] {
  const zeta = (c - a) / (2 * b);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  return [cosine, cosine * tangent];
}

/** The order of numbers, from the largest or the smallest on. */
const orderOf = (values: Float64Array, descending: boolean): number[] =>
  Array.from(values.keys()).sort((i, j) => (descending ? -1 : 1) * (values[i]! - values[j]!) || i - j);

/** The factor that makes the largest element of a row positive. */
function signOf(a: Float64Array, width: number, row: number): number {
  let largest = 0;
  for (let i = 0; i < width; i++) {
    const value = a[row * width + i]!;
    if (Math.abs(value) > Math.abs(largest)) largest = value;
  }
  return largest < 0 ? -1 : 1;
}

function largestOf(a: Float64Array): number {
  let largest = 0;
  for (const value of a) if (!(Math.abs(value) <= largest)) largest = Math.abs(value);
  return largest;
}

/** The singular values, in descending order, by rotations that make the columns orthogonal. All elements must be finite. */
export function singularValues(a: Float64Array, rows: number, columns: number): SingularValues {
  if (rows < columns) {
    const { U, S, V } = singularValues(transposed(a, rows, columns), columns, rows);
    return { U: V, S, V: U };
  }
  const scale = largestOf(a) || 1;
  const work = transposed(a, rows, columns).map((x) => x / scale);
  const v = identity(columns);
  for (let sweep = 0; sweep < maxSweeps && orthogonalize(work, v, rows, columns); sweep++);
  return sorted(work, v, rows, columns, scale);
}

/** One sweep over all pairs of columns, which are rows here. Returns whether any was not orthogonal. */
function orthogonalize(work: Float64Array, v: Float64Array, rows: number, columns: number): boolean {
  let isDone = true;
  for (let p = 0; p < columns; p++) {
    for (let q = p + 1; q < columns; q++) {
      const [a, b, c] = [dotRows(work, rows, p, p), dotRows(work, rows, p, q), dotRows(work, rows, q, q)];
      if (!(Math.abs(b) > rows * Number.EPSILON * Math.sqrt(a * c)) || a * c < 1e-280) continue;
      isDone = false;
      const [cosine, sine] = rotation(a, b, c);
      rotateRows(work, rows, p, q, cosine, sine);
      rotateRows(v, columns, p, q, cosine, sine);
    }
  }
  return !isDone;
}

/** Norms of the columns, and their directions. Columns of 0 get any directions that are orthogonal to the others. */
function sorted(
  work: Float64Array,
  v: Float64Array,
  rows: number,
  columns: number,
  scale: number,
): SingularValues {
  const norms = Float64Array.from({ length: columns }, (_, j) => {
    const norm = Math.sqrt(dotRows(work, rows, j, j));
    return norm < 1e-140 ? 0 : norm;
  });
  const order = orderOf(norms, true);
  const [U, V] = [new Float64Array(rows * columns), new Float64Array(columns * columns)];
  const rank = order.findIndex((j) => norms[j] === 0);
  order.forEach((j, at) => {
    const norm = norms[j]!;
    const sign = signOf(norm === 0 ? v : work, norm === 0 ? columns : rows, j);
    for (let i = 0; i < columns; i++) V[i * columns + at] = sign * v[j * columns + i]!;
    if (norm > 0) for (let i = 0; i < rows; i++) U[i * columns + at] = (sign * work[j * rows + i]!) / norm;
  });
  if (rank >= 0) complete(U, rows, columns, rank);
  return { U, S: Float64Array.from(order, (j) => norms[j]! * scale), V };
}

/** Fills the columns from `rank` on. */
function complete(u: Float64Array, rows: number, columns: number, rank: number): void {
  const known = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++) for (let j = 0; j < rank; j++) known[i * rank + j] = u[i * columns + j]!;
  const rest = columnsOfQ(reflect(known, rows, rank), rank, columns);
  const width = columns - rank;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) u[i * columns + rank + j] = rest[i * width + j]!;
  }
}

/** A = V·diag(values)·Vᵀ. */
export interface Eigenvalues {
  readonly values: Float64Array;
  readonly V: Float64Array;
}

/** The eigenvalues of a symmetric matrix, in ascending order, by Jacobi's rotations. It overwrites the matrix. */
export function eigenvalues(a: Float64Array, n: number): Eigenvalues {
  const scale = largestOf(a) || 1;
  for (let i = 0; i < a.length; i++) a[i]! /= scale;
  const v = identity(n);
  for (let sweep = 0; sweep < maxSweeps && diagonalize(a, v, n); sweep++);
  const values = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  const order = orderOf(values, false);
  const V = new Float64Array(n * n);
  order.forEach((j, at) => {
    const sign = signOf(v, n, j);
    for (let i = 0; i < n; i++) V[i * n + at] = sign * v[j * n + i]!;
  });
  return { values: Float64Array.from(order, (j) => values[j]! * scale), V };
}

/** One sweep over all elements beside the diagonal. Returns whether any was not 0. */
function diagonalize(a: Float64Array, v: Float64Array, n: number): boolean {
  let isDone = true;
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      const beside = a[p * n + q]!;
      if (Math.abs(beside) < 1e-20) continue;
      isDone = false;
      const [cosine, sine] = rotation(a[p * n + p]!, beside, a[q * n + q]!);
      rotateRows(a, n, p, q, cosine, sine);
      rotateColumns(a, n, p, q, cosine, sine);
      a[p * n + q] = 0;
      a[q * n + p] = 0;
      rotateRows(v, n, p, q, cosine, sine);
    }
  }
  return !isDone;
}

function rotateColumns(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i * n + p]!, a[i * n + q]!];
    a[i * n + p] = c * x - s * y;
    a[i * n + q] = s * x + c * y;
  }
}
