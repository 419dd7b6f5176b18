import { type Shape, ShapeError, type Tensor } from "@thalweg/tensor";
import { broadcastShapes, formatShape } from "@thalweg/tensor/internal";

/** Numbers of rows and columns of the matrices in a tensor. */
export function sizesOf(op: string, { shape }: Tensor): [rows: number, columns: number] {
  if (shape.length >= 2) return shape.slice(-2) as [number, number];
  throw new ShapeError(op, `needs a matrix or a batch of them, got shape ${formatShape(shape)}`, undefined, [
    shape,
  ]);
}

/** The number of rows of square matrices. */
export function orderOf(op: string, x: Tensor): number {
  const [rows, columns] = sizesOf(op, x);
  if (rows === columns) return rows;
  throw new ShapeError(op, `needs square matrices, got shape ${formatShape(x.shape)}`, undefined, [x.shape]);
}

/** Gives two tensors the same leading dimensions. */
export function sameBatch(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes(op, [a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const wide = (x: Tensor) => (x.ndim === batch.length + 2 && equal(x.shape, batch) ? x : expanded(x, batch));
  return [wide(a), wide(b)];
}

const equal = (shape: Shape, batch: Shape): boolean => batch.every((extent, d) => extent === shape[d]);

const expanded = (x: Tensor, batch: Shape): Tensor => x.expand([...batch, ...x.shape.slice(-2)]);

/** Swaps rows and columns. */
export const transposed = (x: Tensor): Tensor => x.transpose(-2, -1);
