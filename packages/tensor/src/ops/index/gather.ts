import { formatShape, normalizeDim, runKernel, runMap, type Shape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { number, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { copying } from "../map/clone";
import type { Op, OpSamples } from "../op";
import { allocateZeros } from "../operands";
import type { Draw } from "../sample";
import { reshapeTo } from "../view/reshape";
import { embed, expandOp } from "../view/view";

export interface Along {
  /** The function that the user called, for errors. */
  readonly op: string;
  readonly dim: number;
}

/** Throws unless every dimension of the index except `dim` fits into that of the tensor. */
export function checkIndex(op: string, shape: Shape, index: Shape, dim: number): void {
  const fits = shape.length === index.length && index.every((extent, d) => d === dim || extent <= shape[d]!);
  if (!fits) {
    throw new ShapeError(
      op,
      `the index does not fit, ${formatShape(index)} into ${formatShape(shape)} along dim ${dim}`,
      "it needs as many dimensions, none larger but the one that is indexed",
      [shape, index],
    );
  }
}

function drawIndexed(draw: Draw) {
  const shape = draw.shape(1, 3);
  const dim = draw.int(0, shape.length - 1);
  const index = shape.map((extent, d) => (d === dim ? draw.int(1, 4) : draw.int(1, extent)));
  const positions = { shape: index, domain: { min: 0, max: shape[dim]! - 1, whole: true } };
  return { shape, dim, index, positions };
}

export const gatherOp: Op<Along> = kernelOp<Along>({
  name: "gather",
  kind: "index",
  types: { any: true, index: 1 },
  saves: { inputs: [1] },
  shape([shape, index], { op, dim }) {
    checkIndex(op, shape!, index!, dim);
    return index!;
  },
  run: (backend, out, [x, index], { op, dim }) => runKernel(backend, "gather", op, out, x!, dim, index!),
  gradient: ({ grad, inputs, shapes, attrs, needs }) => [
    needs(0) ? apply(scatterOp, [allocateZeros(grad, shapes[0]!), inputs[1]!, grad], attrs) : null,
    null,
  ],
});

export const gatherSamples: OpSamples<Along> = {
  op: gatherOp,
  sample(draw) {
    const { shape, dim, positions } = drawIndexed(draw);
    return { inputs: [{ shape }, positions], attrs: { op: "gather", dim } };
  },
};

export const scatterOp: Op<Along> = kernelOp<Along>({
  name: "scatterAdd",
  kind: "index",
  types: { any: true, index: 1 },
  saves: { inputs: [1] },
  shape([shape, index, src], { op, dim }) {
    checkIndex(op, shape!, index!, dim);
    checkIndex(op, src!, index!, -1);
    return shape!;
  },
  run(backend, out, [x, index, src], { op, dim }) {
    runMap(backend, copying(out.dtype), [out], [x!]);
    runKernel(backend, "scatterAdd", op, out, dim, index!, src!);
  },
  gradient: ({ grad, inputs, attrs, shapes, needs }) => [
    grad,
    null,
    needs(2) ? sourceGradient(grad, inputs[1] as Tensor, attrs, shapes[2]!) : null,
  ],
});

export const scatterSamples: OpSamples<Along> = {
  op: scatterOp,
  sample(draw) {
    const { shape, dim, index, positions } = drawIndexed(draw);
    return { inputs: [{ shape }, positions, { shape: index }], attrs: { op: "scatterAdd", dim } };
  },
  errors: [{ fn: "oneHot", shapes: [[2]], args: [0] }],
};

/** The gradient of the source. It is 0 outside the index, which may be smaller. */
export function sourceGradient(grad: Tensor, index: Tensor, attrs: Along, shape: Shape): Tensor {
  const read = apply(gatherOp, [grad, index], attrs);
  return index.shape.reduce(
    (part, extent, dim) =>
      extent === shape[dim]
        ? part
        : embed(part, part.shape.with(dim, shape[dim]!), { dim, start: 0, length: extent, step: 1 }, 0),
    read,
  );
}

/**
 * Gathers one element along `dim` for each element of `index`: `out[i][j] = x[index[i][j]][j]` for dim 0.
 * The gradients of duplicates are summed.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * tensor([[1, 2], [3, 4]]).gather(1, tensor([[0, 0], [1, 0]])).toArray(); // → [[1,1],[4,3]]
 */
export const gather = operation(
  "gather",
  { x: tensor, dim: number, index: tensor },
  (x: Tensor, dim: number, index: Tensor): Tensor => {
    return apply(gatherOp, [x, index], { op: "gather", dim: normalizeDim("gather", dim, x.ndim) });
  },
  gatherOp,
);

/** Adds the elements of `src` to a copy of `x`, at the positions in `index` along `dim`. Duplicates are summed. */
export const scatterAdd = operation(
  "scatterAdd",
  { x: tensor, dim: number, index: tensor, src: tensor },
  (x: Tensor, dim: number, index: Tensor, src: Tensor): Tensor => {
    return apply(scatterOp, [x, index, src], {
      op: "scatterAdd",
      dim: normalizeDim("scatterAdd", dim, x.ndim),
    });
  },
  scatterOp,
);

/** Selects the positions in the vector `index` along `dim`. A copy. */
export const indexSelect = operation(
  "indexSelect",
  { x: tensor, dim: number, index: tensor },
  (x: Tensor, dim: number, index: Tensor): Tensor => {
    return pick("indexSelect", x, normalizeDim("indexSelect", dim, x.ndim), index);
  },
);

export function pick(op: string, x: Tensor, dim: number, index: Tensor): Tensor {
  if (index.ndim > 1) {
    throw new ShapeError(
      op,
      `the index must be a vector, got shape ${formatShape(index.shape)}`,
      "flatten it first",
      [x.shape, index.shape],
    );
  }
  if (x.ndim === 0) return reshapeTo(pick(op, reshapeTo(x, [1]), 0, index), []);
  const shape = x.shape.with(dim, index.size);
  const column = reshapeTo(
    index,
    x.shape.map((_, d) => (d === dim ? index.size : 1)),
  );
  return apply(gatherOp, [x, apply(expandOp, [column], shape)], { op, dim });
}

/** Throws unless a table of rows is a matrix. */
export function checkTable(op: string, { ndim, shape }: Tensor): void {
  if (ndim === 2) return;
  throw new ShapeError(
    op,
    `the weight must be a matrix, got shape ${formatShape(shape)}`,
    "one row for each index",
    [shape],
  );
}

/**
 * Looks up rows of `weight` [n, d] for an index of any shape: [...] -> [..., d].
 *
 * @example
 * embedding(tensor([1, 0, 1]), tensor([[1, 2], [3, 4]])).toArray(); // → [[3,4],[1,2],[3,4]]
 */
export const embedding = operation(
  "embedding",
  { index: tensor, weight: tensor },
  (index: Tensor, weight: Tensor): Tensor => {
    checkTable("embedding", weight);
    const rows = pick("embedding", weight, 0, reshapeTo(index, [index.size]));
    return reshapeTo(rows, [...index.shape, weight.shape[1]!]);
  },
);
