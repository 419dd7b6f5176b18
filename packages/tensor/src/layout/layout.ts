import { formatShape, type Shape, ShapeError } from "../errors";
import { rowMajorStrides, sizeOf } from "./shape";

/**
 * Where the elements of an n-d array lie in a flat storage: element `(i0, i1, ...)` is at
 * `offset + i0 * strides[0] + i1 * strides[1] + ...`. Immutable and counted in elements; stride 0
 * broadcasts, a negative stride flips. It knows no mathematics and owns no memory.
 *
 * Arguments are taken as already normalised (non-negative, in range): the operations check what users say.
 */
export class Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  /** Whether the elements lie in row-major order without gaps (from `offset` on). */
  readonly isContiguous: boolean;

  constructor(shape: Shape, strides: readonly number[], offset = 0) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.size = sizeOf(shape);
    this.isContiguous = isRowMajor(shape, strides, this.size);
  }

  /** Row-major layout of a fresh storage. */
  static contiguous(shape: Shape): Layout {
    return new Layout(shape, rowMajorStrides(shape), 0);
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** Whether every index reads the same element: a scalar, or one that was expanded. */
  get isConstant(): boolean {
    for (let d = 0; d < this.shape.length; d++) {
      if (this.shape[d]! > 1 && this.strides[d] !== 0) return false;
    }
    return this.size > 0;
  }

  /** Whether two different indices may read the same element. */
  get overlaps(): boolean {
    if (this.size === 0) return false;
    const dims = [];
    for (let d = 0; d < this.ndim; d++) if (this.shape[d]! > 1) dims.push(d);
    dims.sort((a, b) => Math.abs(this.strides[a]!) - Math.abs(this.strides[b]!));
    let reach = 0;
    for (const d of dims) {
      const stride = Math.abs(this.strides[d]!);
      if (stride <= reach) return true;
      reach += stride * (this.shape[d]! - 1);
    }
    return false;
  }

  permute(dims: readonly number[]): Layout {
    return new Layout(
      dims.map((d) => this.shape[d]!),
      dims.map((d) => this.strides[d]!),
      this.offset,
    );
  }

  /** Positions `start, start + step, ...` (`length` of them) along `dim`; a negative step walks backwards. */
  slice(dim: number, start: number, length: number, step = 1): Layout {
    const offset = length === 0 ? this.offset : this.offset + start * this.strides[dim]!;
    return new Layout(
      this.shape.with(dim, length),
      this.strides.with(dim, this.strides[dim]! * step),
      offset,
    );
  }

  /** Drops `dim` at a fixed position. */
  select(dim: number, index: number): Layout {
    return new Layout(
      this.shape.toSpliced(dim, 1),
      this.strides.toSpliced(dim, 1),
      this.offset + index * this.strides[dim]!,
    );
  }

  /** Broadcasts to `shape` with zero strides; throws a ShapeError naming `op` when it does not fit. */
  expand(shape: Shape, op = "expand"): Layout {
    const lead = shape.length - this.ndim;
    const strides = new Array<number>(shape.length).fill(0);
    let fits = lead >= 0;
    for (let d = 0; fits && d < this.ndim; d++) {
      if (this.shape[d] === shape[lead + d]) strides[lead + d] = this.strides[d]!;
      else if (this.shape[d] !== 1) fits = false;
    }
    if (!fits) {
      throw new ShapeError(
        op,
        `cannot broadcast, shape ${formatShape(this.shape)} to ${formatShape(shape)}`,
        "trailing dimensions must be equal, or 1 where they are to be repeated",
        [this.shape, shape],
      );
    }
    return new Layout(shape, strides, this.offset);
  }

  /** Main diagonal (moved by `diagonal` columns) of dims `dim1` and `dim2`, as a new last dimension. */
  diagonal(diagonal: number, dim1: number, dim2: number): Layout {
    const down = Math.max(-diagonal, 0);
    const right = Math.max(diagonal, 0);
    const length = Math.max(0, Math.min(this.shape[dim1]! - down, this.shape[dim2]! - right));
    const keep = this.shape.map((_, d) => d).filter((d) => d !== dim1 && d !== dim2);
    const start = length === 0 ? 0 : down * this.strides[dim1]! + right * this.strides[dim2]!;
    return new Layout(
      [...keep.map((d) => this.shape[d]!), length],
      [...keep.map((d) => this.strides[d]!), this.strides[dim1]! + this.strides[dim2]!],
      this.offset + start,
    );
  }

  /** Sliding windows of `size` along `dim`, `step` apart, as a new last dimension. */
  unfold(dim: number, size: number, step: number): Layout {
    const count = Math.floor((this.shape[dim]! - size) / step) + 1;
    return new Layout(
      [...this.shape.with(dim, count), size],
      [...this.strides.with(dim, this.strides[dim]! * step), this.strides[dim]!],
      this.offset,
    );
  }

  /** The same elements in another shape without moving them, or null where the strides forbid it. */
  reshape(shape: Shape): Layout | null {
    if (this.isContiguous) return new Layout(shape, rowMajorStrides(shape), this.offset);
    const strides = new Array<number>(shape.length).fill(0);
    let to = shape.length - 1;
    let run = 1; // elements of the run of old dimensions that lie evenly spaced, so far
    let spacing = this.strides[this.ndim - 1]!;
    for (let from = this.ndim - 1; from >= 0; from--) {
      run *= this.shape[from]!;
      const goesOn = from > 0 && (this.shape[from - 1] === 1 || this.strides[from - 1] === run * spacing);
      if (goesOn) continue;
      let filled = 1;
      for (; to >= 0 && (filled < run || shape[to] === 1); to--) {
        strides[to] = filled * spacing;
        filled *= shape[to]!;
      }
      if (filled !== run) return null;
      run = 1;
      if (from > 0) spacing = this.strides[from - 1]!;
    }
    return to < 0 ? new Layout(shape, strides, this.offset) : null;
  }

  /** Storage position of a multi-index. */
  at(index: readonly number[]): number {
    let position = this.offset;
    for (let d = 0; d < index.length; d++) position += index[d]! * this.strides[d]!;
    return position;
  }
}

function isRowMajor(shape: Shape, strides: readonly number[], size: number): boolean {
  if (size === 0) return true;
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const extent = shape[d]!;
    if (extent !== 1) {
      if (strides[d] !== expected) return false;
      expected *= extent;
    }
  }
  return true;
}
