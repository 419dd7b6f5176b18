import { broadcastShapes, formatShape, normalizeDim, ShapeError, sizeOf } from "@thalweg/kernels";
import { integers, maybeDim, tensor } from "../../kinds";
import { count, either, list, optional } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite } from "../define-op";
import { stack } from "../join/cat";
import { mul } from "../map/arithmetic";
import { pointwise } from "../pointwise";
import type { Draw } from "../sample";
import { reshapeTo } from "../view/reshape";
import { select } from "../view/slice";
import { expandOp, permuteOp } from "../view/view";
import { matmul } from "./matmul";

/** The dimensions that a product sums over: the last of the first factor with the first of the second, or a list for each. */
export type SummedDims = number | readonly (readonly number[])[];

const range = (from: number, length: number): number[] => Array.from({ length }, (_, i) => from + i);

function summedDims(a: Tensor, b: Tensor, dims: SummedDims): [number[], number[]] {
  if (typeof dims === "number") {
    if (dims <= Math.min(a.ndim, b.ndim)) return [range(a.ndim - dims, dims), range(0, dims)];
    throw new ShapeError(
      "tensordot",
      `cannot sum over ${dims} dimensions, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "both factors must have them",
      [a.shape, b.shape],
    );
  }
  const [left, right] = dims as [readonly number[], readonly number[]];
  return [
    left.map((d) => normalizeDim("tensordot", d, a.ndim)),
    right.map((d) => normalizeDim("tensordot", d, b.ndim)),
  ];
}

function checkSummed(a: Tensor, b: Tensor, left: readonly number[], right: readonly number[]): void {
  const fits =
    left.length === right.length &&
    new Set(left).size === left.length &&
    new Set(right).size === right.length &&
    left.every((d, k) => a.shape[d] === b.shape[right[k]!]);
  if (fits) return;
  throw new ShapeError(
    "tensordot",
    `the dimensions do not fit, ${formatShape(left)} of ${formatShape(a.shape)} and ${formatShape(right)} of ${formatShape(b.shape)}`,
    "sum over pairs of dimensions of one size, each once",
    [a.shape, b.shape],
  );
}

/** Merges the dimensions of two groups into one each. */
function asMatrix(x: Tensor, rows: readonly number[], columns: readonly number[]): Tensor {
  const size = (group: readonly number[]) => sizeOf(group.map((d) => x.shape[d]!));
  return reshapeTo(apply(permuteOp, [x], [...rows, ...columns]), [size(rows), size(columns)]);
}

function contracted(a: Tensor, b: Tensor, dims: SummedDims = 2): Tensor {
  const [left, right] = summedDims(a, b, dims);
  checkSummed(a, b, left, right);
  const [rows, columns] = [others(a, left), others(b, right)];
  const product = matmul(asMatrix(a, rows, left), asMatrix(b, right, columns));
  return reshapeTo(product, [...rows.map((d) => a.shape[d]!), ...columns.map((d) => b.shape[d]!)]);
}

const others = (x: Tensor, dims: readonly number[]): number[] =>
  x.shape.flatMap((_, d) => (dims.includes(d) ? [] : [d]));

/**
 * Sums of products over several dimensions. A number of `dims`, 2 unless given, pairs the last dimensions of `a` with the first of `b`;
 * two lists pair any. The other dimensions of `a` come first, then those of `b`.
 *
 * @throws ShapeError when paired dimensions differ in size.
 * @example
 * tensordot(tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]]), 1).toArray(); // → [[19,22],[43,50]]
 * tensordot(tensor([[1, 2], [3, 4]]), tensor([10, 1]), [[0], [0]]).toArray(); // → [13,24]
 */
export const tensordot = /* @__PURE__ */ composite(contracted, {
  name: "tensordot",
  takes: { a: tensor, b: tensor, dims: optional(either(count, list(integers, 2))) },
  forward: ([a, b], dims: number) => contracted(a as Tensor, b as Tensor, dims),
  sample(draw: Draw) {
    const [left, inner, right] = [draw.shape(0, 2), draw.shape(0, 2), draw.shape(0, 2)];
    return { inputs: [{ shape: [...left, ...inner] }, { shape: [...inner, ...right] }], attrs: inner.length };
  },
  errors: [
    { shapes: [[2, 3], [4]], args: [1] },
    { shapes: [[2], [2]], args: [2] },
  ],
});

function innerProducts(a: Tensor, b: Tensor): Tensor {
  if (a.ndim === 0 || b.ndim === 0) return mul(a, b);
  if (a.shape.at(-1) !== b.shape.at(-1)) {
    throw new ShapeError(
      "inner",
      `the last dimensions differ, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "the products are summed over them",
      [a.shape, b.shape],
    );
  }
  return contracted(a, b, [[-1], [-1]]);
}

/**
 * Sums of products over the last dimensions: [..., k], [..., k] -> the other dimensions of both. A scalar is a factor.
 *
 * @throws ShapeError when the last dimensions differ.
 * @example
 * inner(tensor([[1, 2], [3, 4]]), tensor([1, 10])).toArray(); // → [21,43]
 */
export const inner = /* @__PURE__ */ composite(innerProducts, {
  name: "inner",
  takes: { a: tensor, b: tensor },
  forward: ([a, b]) => innerProducts(a as Tensor, b as Tensor),
  sample(draw: Draw) {
    const last = draw.int(1, 3);
    return {
      inputs: [{ shape: [...draw.shape(0, 2), last] }, { shape: [...draw.shape(0, 2), last] }],
      attrs: undefined,
    };
  },
  errors: [{ shapes: [[2], [3]] }],
});

function blocks(a: Tensor, b: Tensor): Tensor {
  const rank = Math.max(a.ndim, b.ndim);
  const padded = (x: Tensor) => [...new Array<number>(rank - x.ndim).fill(1), ...x.shape];
  const [outer, inside] = [padded(a), padded(b)];
  const product = mul(
    reshapeTo(
      a,
      outer.flatMap((extent) => [extent, 1]),
    ),
    reshapeTo(
      b,
      inside.flatMap((extent) => [1, extent]),
    ),
  );
  return reshapeTo(
    product,
    outer.map((extent, d) => extent * inside[d]!),
  );
}

/**
 * The Kronecker product: each element of `a` times all of `b`, as blocks. Missing dimensions on the left are 1.
 *
 * @example
 * kron(tensor([1, 10]), tensor([2, 3])).toArray(); // → [2,3,20,30]
 */
export const kron = /* @__PURE__ */ composite(blocks, {
  name: "kron",
  takes: { a: tensor, b: tensor },
  forward: ([a, b]) => blocks(a as Tensor, b as Tensor),
  sample: (draw: Draw) => ({
    inputs: [{ shape: draw.shape(0, 3) }, { shape: draw.shape(0, 3) }],
    attrs: undefined,
  }),
});

const minor = /* @__PURE__ */ pointwise("minor", (a, b, c, d) => a.mul(b).sub(c.mul(d)));

function crossed(a: Tensor, b: Tensor, dim?: number): Tensor {
  const shape = broadcastShapes("cross", [a.shape, b.shape]);
  const d = dim === undefined ? shape.indexOf(3) : normalizeDim("cross", dim, shape.length);
  if (shape[d] !== 3) {
    throw new ShapeError(
      "cross",
      `needs a dimension of size 3, ${formatShape(a.shape)} and ${formatShape(b.shape)}${dim === undefined ? "" : `, dim ${dim}`}`,
      "the vectors have three components",
      [a.shape, b.shape],
    );
  }
  const parts = (x: Tensor) => {
    const wide = apply(expandOp, [x], shape);
    return [0, 1, 2].map((k) => select(wide, d, k)) as [Tensor, Tensor, Tensor];
  };
  const [[a0, a1, a2], [b0, b1, b2]] = [parts(a), parts(b)];
  return stack([minor(a1, b2, a2, b1), minor(a2, b0, a0, b2), minor(a0, b1, a1, b0)], d);
}

/**
 * The vector product along `dim`, of size 3, or along the first dimension of that size unless `dim` is given. Both operands broadcast.
 *
 * @throws ShapeError when there is no dimension of size 3.
 * @example
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])).toArray(); // → [0,0,1]
 */
export const cross = /* @__PURE__ */ composite(crossed, {
  name: "cross",
  takes: { a: tensor, b: tensor, dim: maybeDim },
  forward: ([a, b], dim: number) => crossed(a as Tensor, b as Tensor, dim),
  sample(draw: Draw) {
    const shape = draw.shape(0, 2);
    const dim = draw.int(0, shape.length);
    return {
      inputs: [{ shape: shape.toSpliced(dim, 0, 3) }, { shape: shape.map(() => 1).toSpliced(dim, 0, 3) }],
      attrs: dim,
    };
  },
  errors: [{ shapes: [[2], [2]] }, { shapes: [[3], [3]], args: [1] }],
});
