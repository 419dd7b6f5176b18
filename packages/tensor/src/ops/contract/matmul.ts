import { broadcastShapes, formatShape, runMatmul, type Shape, ShapeError, sameShape } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { mul } from "../map/arithmetic";
import type { Op, OpSamples } from "../op";
import { sum } from "../reduce/sums";
import { reshapeTo } from "../view/reshape";
import { permuteOp } from "../view/view";

function mismatch(op: string, a: Shape, b: Shape, remedy: string): ShapeError {
  const text = `inner sizes do not agree, ${formatShape(a)} and ${formatShape(b)}`;
  return new ShapeError(op, text, remedy, [a, b]);
}

/** The order of the dimensions of a transposed matrix. It is one array, by which layouts recognise it. */
export const swapped: readonly number[] = [1, 0];

/** Swaps the last two dimensions. */
export function transposed(x: Tensor): Tensor {
  if (x.ndim === 2) return apply(permuteOp, [x], swapped);
  const order = x.shape.map((_, d) => d);
  const last = order.length - 1;
  return apply(permuteOp, [x], [...order.slice(0, -2), last, last - 1]);
}

/** The product of tensors of rank 2 or more. Leading dimensions broadcast, and strided operands are not copied. */
const matmulOp: Op<void> = kernelOp<void>({
  name: "matmul",
  kind: "contract",
  types: { any: true },
  saves: { inputs: "all" },
  shape: ([a, b]) => {
    if (a!.length === 2 && b!.length === 2 && a![1] === b![0]) return [a![0]!, b![1]!];
    if (a!.at(-1) !== b!.at(-2)) {
      throw mismatch("matmul", a!, b!, "the last dim of the left side must be the last but one of the right");
    }
    return [...broadcastShapes("matmul", [a!.slice(0, -2), b!.slice(0, -2)]), a!.at(-2)!, b!.at(-1)!];
  },
  run(backend, out, [a, b]) {
    if (out.ndim === 2) {
      runMatmul(backend, out, a!, b!);
      return;
    }
    const batch = out.shape.slice(0, -2);
    const wide = (x: Tensor) => ({
      storage: x.storage,
      layout: x.layout.expand([...batch, ...x.shape.slice(-2)]),
    });
    runMatmul(backend, out, wide(a!), wide(b!));
  },
  // C = A·B: A' = C'·Bᵀ, B' = Aᵀ·C'
  gradient: ({ grad, inputs: [a, b], needs }) => [
    needs(0) ? matmul(grad, transposed(b as Tensor)) : null,
    needs(1) ? productBack(a as Tensor, grad, (b as Tensor).ndim) : null,
  ],
});

export const matmulSamples: OpSamples<void> = {
  op: matmulOp,
  sample(draw) {
    const [m, k, n] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
    const batch = draw.shape(0, 2);
    const from = draw.int(0, batch.length);
    const other = batch.slice(from).map((extent) => (draw.boolean() ? 1 : extent));
    return { inputs: [{ shape: [...batch, m, k] }, { shape: [...other, k, n] }], attrs: undefined };
  },
  errors: [
    {
      shapes: [
        [2, 3],
        [4, 5],
      ],
    },
    {
      shapes: [[], [2, 2]],
    },
  ],
};

/** Aᵀ·G. Where the whole batch shared one matrix, the product also sums over the batch. */
function productBack(a: Tensor, grad: Tensor, rank: number): Tensor {
  if (rank === 2 && grad.ndim > 2) {
    const rows = (x: Tensor) => reshapeTo(x, [x.size / Math.max(1, x.shape.at(-1)!), x.shape.at(-1)!]);
    if (sameShape(a.shape.slice(0, -1), grad.shape.slice(0, -1)) && a.size > 0 && grad.size > 0) {
      return matmul(transposed(rows(a)), rows(grad));
    }
  }
  return matmul(transposed(a), grad);
}

/**
 * Matrix product. Vectors: [n] x [n] -> [], [n] x [..., n, p] -> [..., p], [..., m, n] x [n] -> [..., m];
 * matrices [..., m, k] x [..., k, n] -> [..., m, n], with leading dimensions that broadcast.
 *
 * @throws ShapeError when the inner sizes differ or the leading dimensions do not broadcast.
 * @example
 * tensor([[1, 2], [3, 4]]).matmul(tensor([[1], [1]])).toArray(); // → [[3],[7]]
 */
export const matmul = operation(
  "matmul",
  { a: tensor, b: tensor },
  (a: Tensor, b: Tensor): Tensor => {
    if (a.ndim === 2 && b.ndim === 2) return apply(matmulOp, [a, b], undefined);
    if (a.ndim === 0 || b.ndim === 0) {
      throw new ShapeError(
        "matmul",
        `needs at least one dimension on both sides, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
        "use mul for scalars",
        [a.shape, b.shape],
      );
    }
    if (a.ndim === 1) {
      const row = matmul(reshapeTo(a, [1, a.size]), b.ndim === 1 ? reshapeTo(b, [b.size, 1]) : b);
      return reshapeTo(row, b.ndim === 1 ? [] : row.shape.toSpliced(-2, 1));
    }
    if (b.ndim === 1) {
      const column = matmul(a, reshapeTo(b, [b.size, 1]));
      return reshapeTo(column, column.shape.slice(0, -1));
    }
    return apply(matmulOp, [a, b], undefined);
  },
  matmulOp,
);

/** Dot product of two vectors of the same length. */
export const dot = operation("dot", { a: tensor, b: tensor }, (a: Tensor, b: Tensor): Tensor => {
  if (a.ndim !== 1 || b.ndim !== 1 || a.size !== b.size) {
    throw new ShapeError(
      "dot",
      `needs two vectors of one length, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "use matmul for matrices",
      [a.shape, b.shape],
    );
  }
  return sum(mul(a, b));
});

/** Products of two batches of matrices: [b, m, k] x [b, k, n] -> [b, m, n]. Nothing broadcasts. */
export const bmm = operation("bmm", { a: tensor, b: tensor }, (a: Tensor, b: Tensor): Tensor => {
  if (a.ndim !== 3 || b.ndim !== 3 || a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1]) {
    throw new ShapeError(
      "bmm",
      `needs [b, m, k] and [b, k, n], got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "use matmul to broadcast",
      [a.shape, b.shape],
    );
  }
  return apply(matmulOp, [a, b], undefined);
});

/** All products of the elements of two vectors: [m], [n] -> [m, n]. */
export const outer = operation("outer", { a: tensor, b: tensor }, (a: Tensor, b: Tensor): Tensor => {
  if (a.ndim !== 1 || b.ndim !== 1) {
    throw new ShapeError(
      "outer",
      `needs two vectors, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "flatten them first",
      [a.shape, b.shape],
    );
  }
  return mul(reshapeTo(a, [a.size, 1]), b);
});
