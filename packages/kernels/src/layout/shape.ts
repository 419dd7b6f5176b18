import { describe, formatShape, IndexError, type Shape, ShapeError } from "../errors";

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let d = 0; d < shape.length; d++) size *= shape[d]!;
  return size;
}

/** Strides of a shape whose elements lie in row-major order without gaps. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** Whether `shape` broadcasts to `target`. */
export function expandsTo(shape: Shape, target: Shape): boolean {
  const lead = target.length - shape.length;
  if (lead < 0) return false;
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] !== 1 && shape[d] !== target[lead + d]) return false;
  }
  return true;
}

/** The common shape of operands under the broadcasting rule; throws a ShapeError that shows them all. */
export function broadcastShapes(op: string, shapes: readonly Shape[]): Shape {
  if (shapes.length > 0 && shapes.every((shape) => sameShape(shape, shapes[0]!))) return shapes[0]!;
  let ndim = 0;
  for (const shape of shapes) ndim = Math.max(ndim, shape.length);
  const out = new Array<number>(ndim).fill(1);
  for (const shape of shapes) {
    const lead = ndim - shape.length;
    for (let d = 0; d < shape.length; d++) {
      const extent = shape[d]!;
      const have = out[lead + d]!;
      if (have === 1) out[lead + d] = extent;
      else if (extent !== 1 && extent !== have) {
        throw new ShapeError(
          op,
          `shapes do not broadcast, ${shapes.map(formatShape).join(" and ")}`,
          "trailing dimensions must be equal or 1: reshape or unsqueeze one side",
          shapes,
        );
      }
    }
  }
  return out;
}

/** The largest number of elements in memory: their positions fit into 31 bits. */
const mostInMemory = 2 ** 31 - 1;

/**
 * Number of elements of a shape. Throws unless its sizes are whole and not negative, and it has at most `most`
 * elements.
 */
export function checkShape(op: string, shape: Shape, most = mostInMemory): number {
  if (!Array.isArray(shape)) {
    throw new ShapeError(op, `a shape is an array of sizes, got ${describe(shape)}`, "write [2, 3]");
  }
  let size = 1;
  for (let d = 0; d < shape.length; d++) {
    const extent = shape[d]!;
    if (!Number.isSafeInteger(extent) || extent < 0) {
      throw new ShapeError(
        op,
        `sizes must be whole numbers from 0 on, got ${describe(shape)}`,
        "compute whole sizes before creating the tensor",
        [shape],
      );
    }
    size *= extent;
  }
  if (!(size <= most)) {
    throw new ShapeError(
      op,
      `too many elements, shape ${formatShape(shape)} has ${size} and at most ${most} are possible`,
      "use smaller sizes",
      [shape],
    );
  }
  return size;
}

/** Turns a dimension counted from the end into one counted from the start. */
export function normalizeDim(op: string, dim: number, ndim: number): number {
  // A rank-0 tensor takes dim 0 and -1, as in PyTorch.
  const extent = Math.max(ndim, 1);
  if (!Number.isInteger(dim) || dim < -extent || dim >= extent) {
    throw new IndexError(
      op,
      `dim ${describe(dim)} does not exist, the tensor has ${ndim} dimension${ndim === 1 ? "" : "s"}`,
      `use a dim from ${-extent} to ${extent - 1}`,
    );
  }
  return dim < 0 ? dim + extent : dim;
}

/** Dims of a reduction, sorted and without repetition; undefined or an empty list means all. */
export function normalizeDims(
  op: string,
  dim: number | readonly number[] | undefined,
  ndim: number,
): readonly number[] {
  if (dim === undefined) return allDims(ndim);
  const given = (typeof dim === "number" ? [dim] : dim).map((d) => normalizeDim(op, d, ndim));
  if (new Set(given).size !== given.length) {
    throw new ShapeError(op, `a dim is named twice, [${String(dim)}]`, "name each dimension once");
  }
  if (given.length === 0) return allDims(ndim);
  return ndim === 0 ? [] : given.sort((a, b) => a - b);
}

const everyDim: (readonly number[])[] = [];

/** All dimensions; the same array for the same number. */
function allDims(ndim: number): readonly number[] {
  everyDim[ndim] ??= Array.from({ length: ndim }, (_, d) => d);
  return everyDim[ndim];
}

/** Turns an index counted from the end into one counted from the start; throws when out of range. */
export function normalizeIndex(op: string, index: number, extent: number, dim: number): number {
  if (!Number.isInteger(index) || index < -extent || index >= extent) {
    throw new IndexError(
      op,
      `index ${index} is out of range, dim ${dim} has ${extent} element${extent === 1 ? "" : "s"}`,
      extent === 0 ? "there is nothing to select from" : `use an index from ${-extent} to ${extent - 1}`,
    );
  }
  return index < 0 ? index + extent : index;
}
