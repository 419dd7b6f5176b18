import { formatShape, type Shape, ShapeError } from "../errors";
import { checkShape, expandsTo, rowMajorStrides, sameShape } from "./shape";

interface Derived {
  order: readonly number[] | null;
  permuted: Layout;
  shape: Shape | null;
  expanded: Layout;
  dims: readonly number[] | null;
  kept: Layout;
  rest: Layout;
}

/** Limits of the cache of row-major layouts. Its keys are small integers, which engines look up fast. */
const [maxRows, maxColumns, maxKnown] = [2 ** 14 - 1, 2 ** 16 - 1, 512];
const vectors = new Map<number, Layout>();
const matrices = new Map<number, Layout>();

/**
 * The places of the elements of an n-d array in a flat storage: element `(i0, i1, ...)` is at
 * `offset + i0 * strides[0] + i1 * strides[1] + ...`, counted in elements. Stride 0 broadcasts, a negative
 * stride flips. A layout is immutable and owns no memory.
 *
 * Operations check the user's arguments. The constructor checks sizes all the same, because kernels trust them.
 */
export class Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  /** Whether the elements lie in row-major order without gaps (from `offset` on). */
  readonly isContiguous: boolean;
  private derived: Derived | null = null;

  /**
   * `offset` is 0 unless given, `op` is "Layout".
   *
   * @throws ShapeError that names `op`, unless the sizes are whole and not negative, the number of elements is a
   * safe integer, and every dimension has a stride.
   */
  constructor(shape: Shape, strides: readonly number[], offset = 0, op = "Layout") {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.size = checkShape(op, shape, Number.MAX_SAFE_INTEGER);
    if (strides?.length !== shape.length) {
      throw new ShapeError(
        op,
        `shape ${formatShape(shape)} needs ${shape.length} strides`,
        "give one for each dim",
      );
    }
    this.isContiguous = isRowMajor(shape, strides, this.size);
  }

  /**
   * Row-major layout of a fresh storage; the same object for the same small shape.
   *
   * @throws ShapeError that names `op` ("Layout" unless given), also for more elements than a storage can have.
   */
  static contiguous(shape: Shape, op?: string): Layout {
    const rank = shape.length;
    if (rank === 0) return scalar;
    const [rows, columns] = rank === 1 ? [0, shape[0]!] : [shape[0]!, shape[1]!];
    if (rank > 2 || rows > maxRows || columns > maxColumns) return Layout.rowMajor(shape, op);
    const known = rank === 1 ? vectors : matrices;
    const key = rows * (maxColumns + 1) + columns;
    let layout = known.get(key);
    // Invalid sizes may have the key of another shape.
    if (layout === undefined || (rank === 2 && layout.shape[0] !== rows)) {
      layout = Layout.rowMajor([...shape], op);
      if (known.size < maxKnown) known.set(key, layout);
    }
    return layout;
  }

  private static rowMajor(shape: Shape, op = "Layout"): Layout {
    checkShape(op, shape);
    return new Layout(shape, rowMajorStrides(shape));
  }

  /** The layouts last derived from this one, because loops derive the same ones again and again. */
  private get last(): Derived {
    this.derived ??= {
      order: null,
      permuted: this,
      shape: null,
      expanded: this,
      dims: null,
      kept: this,
      rest: this,
    };
    return this.derived;
  }

  /** Row-major layouts with `dims` set to 1, and without them; errors name `op`, "Layout" unless given. */
  reduced(dims: readonly number[], op?: string): { readonly kept: Layout; readonly rest: Layout } {
    const { last, shape } = this;
    if (last.dims === null || !sameShape(last.dims, dims)) {
      last.kept = Layout.contiguous(
        shape.map((extent, d) => (dims.includes(d) ? 1 : extent)),
        op,
      );
      last.rest = Layout.contiguous(
        shape.filter((_, d) => !dims.includes(d)),
        op,
      );
      last.dims = dims;
    }
    return last;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** Whether every index reads the same element: true for a scalar, also an expanded one. */
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

  /** Throws a ShapeError that names `op`, unless every position is within a storage of `count` elements. */
  checkWithin(op: string, count: number): void {
    let [low, high, isWhole] = [this.offset, this.offset, Number.isInteger(this.offset)];
    for (let d = 0; d < this.shape.length; d++) {
      const stride = this.strides[d]!;
      const reach = (this.shape[d]! - 1) * stride;
      isWhole &&= Number.isInteger(stride);
      if (reach < 0) low += reach;
      else high += reach;
    }
    if (this.size === 0 || (isWhole && low >= 0 && high < count)) return;
    throw new ShapeError(
      op,
      `positions leave the tensor of ${count} elements, shape ${formatShape(this.shape)}`,
      "use whole numbers within its sizes",
    );
  }

  /** The same elements with the dimensions in another order; `dims` has the old position of each. */
  permute(dims: readonly number[]): Layout {
    const { last } = this;
    if (last.order !== dims) {
      last.order = dims;
      last.permuted = new Layout(
        dims.map((d) => this.shape[d]!),
        dims.map((d) => this.strides[d]!),
        this.offset,
      );
    }
    return last.permuted;
  }

  /** The `length` positions `start, start + step, ...` along `dim`. `step` is 1 unless given; if negative, it walks backwards. */
  slice(dim: number, start: number, length: number, step = 1): Layout {
    const offset = length === 0 ? this.offset : this.offset + start * this.strides[dim]!;
    return new Layout(
      this.shape.with(dim, length),
      this.strides.with(dim, this.strides[dim]! * step),
      offset,
    );
  }

  /** Fixes the index along `dim` and drops that dimension. */
  select(dim: number, index: number): Layout {
    return new Layout(
      this.shape.toSpliced(dim, 1),
      this.strides.toSpliced(dim, 1),
      this.offset + index * this.strides[dim]!,
    );
  }

  /** Broadcasts to `shape` with zero strides. A ShapeError for a misfit names `op`, "expand" unless given. */
  expand(shape: Shape, op = "expand"): Layout {
    const { last } = this;
    if (last.shape !== shape) {
      last.expanded = this.expandedTo(shape, op);
      last.shape = shape;
    }
    return last.expanded;
  }

  private expandedTo(shape: Shape, op: string): Layout {
    if (!expandsTo(this.shape, shape)) {
      throw new ShapeError(
        op,
        `cannot broadcast, shape ${formatShape(this.shape)} to ${formatShape(shape)}`,
        "trailing dimensions must be equal, or 1 where they are to be repeated",
        [this.shape, shape],
      );
    }
    const lead = shape.length - this.ndim;
    const strides = shape.map((extent, d) =>
      d >= lead && this.shape[d - lead] === extent ? this.strides[d - lead]! : 0,
    );
    return new Layout(shape, strides, this.offset, op);
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

  /**
   * Sliding windows of `size` elements along `dim`, `step` apart, as a new last dimension. The elements of a window are
   * `spacing` apart, 1 unless given.
   */
  unfold(dim: number, size: number, step: number, spacing = 1): Layout {
    const count = Math.floor((this.shape[dim]! - (size - 1) * spacing - 1) / step) + 1;
    return new Layout(
      [...this.shape.with(dim, count), size],
      [...this.strides.with(dim, this.strides[dim]! * step), this.strides[dim]! * spacing],
      this.offset,
    );
  }

  /** The same elements in another shape without moving them, or null where the strides forbid it. */
  reshape(shape: Shape): Layout | null {
    if (this.isContiguous) return new Layout(shape, rowMajorStrides(shape), this.offset);
    const strides = new Array<number>(shape.length).fill(0);
    let to = shape.length - 1;
    let run = 1; // elements of the current run of old dimensions that are evenly spaced
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

  /** The storage position of a multi-index. */
  at(index: readonly number[]): number {
    let position = this.offset;
    for (let d = 0; d < index.length; d++) position += index[d]! * this.strides[d]!;
    return position;
  }
}

const scalar = new Layout([], []);

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

/** Whether two layouts have the same elements in the same order. */
export function sameLayout(a: Layout, b: Layout): boolean {
  return a === b || (a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.strides, b.strides));
}
