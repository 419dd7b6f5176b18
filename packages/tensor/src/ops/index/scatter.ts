import { scatter as scatterOnCpu } from "@thalweg/cpu/internal";
import {
  formatShape,
  normalizeDim,
  runHost,
  runMap,
  type Scattering,
  type Shape,
  ShapeError,
} from "@thalweg/kernels";
import { full, ones, zeros } from "../../create";
import { tensor } from "../../kinds";
import { boolean, either, longOperation, number, oneOf, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { kernelOp } from "../define-op";
import { div, mul } from "../map/arithmetic";
import { where } from "../map/choice";
import { copying } from "../map/clone";
import { eq, logicalAnd } from "../map/comparison";
import { floor, highest, lowest } from "../map/rounding";
import type { GradientCall, Op } from "../op";
import { pointwise } from "../pointwise";
import { isExtreme } from "../reduce/extrema";
import type { Draw, Sample } from "../sample";
import { reshapeTo } from "../view/reshape";
import { expandOp, sliceOp } from "../view/view";
import { type Along, checkIndex, gatherOp, scatterOp, sourceGradient } from "./gather";
import { wrapped } from "./wrapped";

interface Combining extends Along {
  readonly how: Scattering;
}

/** Runs the kernel that combines elements of `out` with those of `src`. */
export function runScatter(out: Tensor, index: Tensor, src: Tensor, { op, dim, how }: Combining): void {
  const { backend } = out.storage;
  runHost(backend, op, [out], [out, index, src], ([to], [, at, from]) => {
    if (backend.scatter) backend.scatter(op, how, to!, dim, at!, from!);
    else scatterOnCpu(op, how, to!, dim, at!, from!);
  });
}

/** Index and source have one shape. Without duplicates, gradients and results do not depend on the order of writes. */
function drawCombining(draw: Draw, how: readonly Scattering[]): Sample<Combining> {
  const shape = draw.shape(1, 3);
  const dim = draw.int(0, shape.length - 1);
  const index = shape.map((extent, d) => (d === dim ? 1 : draw.int(1, extent)));
  const positions = { shape: index, domain: { min: 0, max: shape[dim]! - 1, whole: true } };
  const domain = { min: 0.5, max: 2, distinct: true };
  const src = { min: 2.5, max: 4, distinct: true };
  return {
    inputs: [{ shape, domain }, positions, { shape: index, domain: src }],
    attrs: { op: "scatter", dim, how: draw.pick(how) },
  };
}

function combining(name: string, described: Pick<Op<Combining>, "gradient" | "sample"> & { saves: object }) {
  return kernelOp<Combining>({
    name,
    kind: "index",
    types: { any: true, index: 1 },
    shape([shape, index, src], { op, dim }) {
      checkIndex(op, shape!, index!, dim);
      checkIndex(op, src!, index!, -1);
      return shape!;
    },
    run(backend, out, [x, index, src], attrs) {
      runMap(backend, copying(out.dtype), [out], [x!]);
      if (index!.size > 0) runScatter(out, index!, src!, attrs);
    },
    ...described,
  });
}

/** A copy of `x` with elements of `src` at the indices. */
export const setOp: Op<Combining> = /* @__PURE__ */ combining("scatter", {
  saves: { inputs: [1] },
  sample: (draw) => drawCombining(draw, ["set"]),
  gradient({ grad, inputs, attrs, shapes, needs }) {
    const index = inputs[1] as Tensor;
    return [
      needs(0) ? apply(setOp, [grad, index, spreadZeros(grad, index.shape)], attrs) : null,
      null,
      needs(2) ? sourceGradient(grad, index, attrs, shapes[2]!) : null,
    ];
  },
});

const spreadZeros = (like: Tensor, shape: Shape) => apply(expandOp, [filled(like, 0)], shape);

/** A copy of `x` with products or extrema of its elements and those of `src` at the indices. */
const reduceOp: Op<Combining> = /* @__PURE__ */ combining("scatterReduce", {
  saves: { inputs: "all", output: true },
  sample: (draw) => drawCombining(draw, ["prod", "max", "min"]),
  gradient: (call) => (call.attrs.how === "prod" ? productGradient(call) : extremeGradient(call)),
});

/** The gradient goes to the extreme elements of each place, from the input or the source. Ties share it evenly. */
function extremeGradient({ grad, inputs, output, attrs }: GradientCall<Combining>): (Tensor | null)[] {
  const [x, index, src] = inputs as [Tensor, Tensor, Tensor];
  const read = (of: Tensor) => apply(gatherOp, [of, index], attrs);
  const own = to(isExtreme(x, output!), x.dtype);
  const theirs = to(isExtreme(src, read(output!)), x.dtype);
  const share = div(grad, apply(scatterOp, [own, index, theirs], attrs));
  return [mul(own, share), null, mul(theirs, read(share))];
}

const withoutZeros = /* @__PURE__ */ pointwise("withoutZeros", (x) => x.eq(0).choose(1, x));

/** The product of all other elements of a place: the product divided by the element or, if that is 0, computed with 1 instead. */
function productGradient({ grad, inputs, output, attrs, needs }: GradientCall<Combining>): (Tensor | null)[] {
  const [x, index, src] = inputs as [Tensor, Tensor, Tensor];
  const read = (of: Tensor) => apply(gatherOp, [of, index], attrs);
  const product = (a: Tensor, b: Tensor) => apply(reduceOp, [a, index, b], attrs);
  const ofSource = (): Tensor => {
    const isZero = eq(src, 0);
    const zeros = apply(scatterOp, [spreadZeros(x, x.shape), index, to(isZero, x.dtype)], attrs);
    const isOnly = logicalAnd(isZero, eq(read(zeros), 1));
    const without = product(x, where(isOnly, 1, src));
    const rest = div(read(mul(grad, output!)), withoutZeros(src));
    return where(isOnly, read(mul(grad, without)), rest);
  };
  const nonzero = withoutZeros(x);
  return [
    needs(0) ? div(mul(grad, product(nonzero, src)), nonzero) : null,
    null,
    needs(2) ? ofSource() : null,
  ];
}

function filled(like: Tensor, value: number): Tensor {
  return full([], value, { dtype: like.dtype, device: like.device });
}

/** The elements of the source that belong to those of the index. */
function cropped(op: string, src: Tensor | number, x: Tensor, index: Tensor): Tensor {
  if (typeof src === "number") return apply(expandOp, [filled(x, src)], index.shape);
  checkIndex(op, src.shape, index.shape, -1);
  return index.shape.reduce(
    (part, length, dim) =>
      length === part.shape[dim] ? part : apply(sliceOp, [part], { dim, start: 0, length, step: 1 }),
    src,
  );
}

/**
 * Writes the elements of `src`, or one number, to a copy of `x`, at the positions in `index` along `dim`: `out[index[i][j]][j] =
 * src[i][j]` for dim 0. `src` may be larger than the index. Of several elements at one position one is written, on the CPU the
 * last; the gradient reaches all of them.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * zeros([3]).scatter(0, tensor([2, 0]), tensor([5, 7])).toArray(); // → [7,0,5]
 */
export const scatter = /* @__PURE__ */ operation(
  "scatter",
  { x: tensor, dim: number, index: tensor, src: either(tensor, number) },
  (x: Tensor, dim: number, index: Tensor, src: Tensor | number): Tensor => {
    const d = normalizeDim("scatter", dim, x.ndim);
    return apply(setOp, [x, index, cropped("scatter", src, x, index)], { op: "scatter", dim: d, how: "set" });
  },
);

/** Options of {@link scatterReduce}. */
export interface ScatterReduceOptions {
  /** Whether the elements of `x` count themselves; true unless given. Those without an index are kept in any case. */
  readonly includeSelf?: boolean;
}

/** How {@link scatterReduce} combines elements. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

/**
 * Combines the elements of `src` with those of a copy of `x` at the positions in `index` along `dim`. Extrema are NaN if an
 * element is, and ties share the gradient evenly. A mean of ints is rounded down.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * const [index, src] = [tensor([0, 0, 1]), tensor([2, 6, 5])];
 * tensor([1, 1]).scatterReduce(0, index, src, "mean").toArray(); // → [3,3]
 * tensor([1, 1]).scatterReduce(0, index, src, "amax", { includeSelf: false }).toArray(); // → [6,5]
 */
export const scatterReduce = /* @__PURE__ */ longOperation(
  "scatterReduce",
  {
    x: tensor,
    dim: number,
    index: tensor,
    src: tensor,
    reduce: /* @__PURE__ */ oneOf("sum", "prod", "mean", "amax", "amin"),
    options: /* @__PURE__ */ options<ScatterReduceOptions>({ includeSelf: boolean }),
  },
  (
    x: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    options: ScatterReduceOptions = {},
  ): Tensor => {
    const { includeSelf = true } = options;
    const along = { op: "scatterReduce", dim: normalizeDim("scatterReduce", dim, x.ndim) };
    const part = cropped("scatterReduce", src, x, index);
    const start = includeSelf ? x : where(indexed(x, index, along), neutral(x, reduce), x);
    const base = start.dtype === x.dtype ? start : to(start, x.dtype);
    if (reduce === "sum") return apply(scatterOp, [base, index, part], along);
    if (reduce === "mean") return averaged(base, index, part, along, includeSelf);
    const how = reduce === "prod" ? "prod" : reduce === "amax" ? "max" : "min";
    return apply(reduceOp, [base, index, part], { ...along, how });
  },
);

function neutral(x: Tensor, reduce: ScatterReduction): number {
  if (reduce === "amax") return lowest(x);
  if (reduce === "amin") return highest(x);
  return reduce === "prod" ? 1 : 0;
}

/** Whether an index leads to an element. */
function indexed(x: Tensor, index: Tensor, along: Along): Tensor {
  const options = { dtype: "bool", device: x.device } as const;
  const marks = apply(expandOp, [ones([], options)], index.shape);
  return apply(setOp, [zeros(x.shape, options), index, marks], { ...along, how: "set" });
}

const atLeastOne = /* @__PURE__ */ pointwise("atLeastOne", (count) => count.maximum(1));

function averaged(base: Tensor, index: Tensor, src: Tensor, along: Along, includeSelf: boolean): Tensor {
  const total = apply(scatterOp, [base, index, src], along);
  const start = apply(expandOp, [filled(base, includeSelf ? 1 : 0)], base.shape);
  const added = apply(expandOp, [filled(base, 1)], index.shape);
  const counts = atLeastOne(apply(scatterOp, [start, index, added], along));
  const result = div(total, counts);
  return result.dtype === base.dtype ? result : to(floor(result), base.dtype);
}

/** A vector of positions along `dim`, as an index for all elements of `shape`. */
function alongRows(op: string, x: Tensor, dim: number, index: Tensor, source: Shape): Tensor {
  if (index.ndim > 1) {
    throw new ShapeError(
      op,
      `the index must be a vector, got shape ${formatShape(index.shape)}`,
      "flatten it first",
      [x.shape, index.shape],
    );
  }
  const column = reshapeTo(
    index,
    source.map((_, d) => (d === dim ? index.size : 1)),
  );
  return apply(expandOp, [column], source);
}

/** Calls `write` with a dimension and an index in the shape of the source. A scalar is a vector of one element. */
function byRows(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | null,
  write: (x: Tensor, index: Tensor, source: Tensor | null, dim: number) => Tensor,
): Tensor {
  if (x.ndim === 0) {
    normalizeDim(op, dim, 0);
    const one = source === null ? null : reshapeTo(source, [source.size]);
    return reshapeTo(byRows(op, reshapeTo(x, [1]), 0, index, one, write), []);
  }
  const d = normalizeDim(op, dim, x.ndim);
  const shape = x.shape.with(d, index.size);
  if (source !== null && formatShape(source.shape) !== formatShape(shape)) {
    throw new ShapeError(
      op,
      `the source does not fit, ${formatShape(source.shape)} and ${formatShape(shape)}`,
      "it has the shape of the tensor, with a place for each index",
      [x.shape, index.shape, source.shape],
    );
  }
  return write(x, alongRows(op, x, d, index, shape), source, d);
}

/** Options of {@link indexAdd}. */
export interface IndexAddOptions {
  /** Factor of the source; 1 unless given. */
  readonly alpha?: number;
}

/**
 * Adds `alpha`·`source` to a copy of `x`, at the positions in the vector `index` along `dim`. Duplicates are summed. The source
 * has the shape of `x` with `index.size` places along `dim`.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * zeros([3]).indexAdd(0, tensor([2, 2, 0]), tensor([1, 2, 5])).toArray(); // → [5,0,3]
 */
export const indexAdd = /* @__PURE__ */ longOperation(
  "indexAdd",
  {
    x: tensor,
    dim: number,
    index: tensor,
    source: tensor,
    options: /* @__PURE__ */ options<IndexAddOptions>({ alpha: number }),
  },
  (x: Tensor, dim: number, index: Tensor, source: Tensor, options: IndexAddOptions = {}): Tensor => {
    const { alpha = 1 } = options;
    const scaled = alpha === 1 ? source : mul(source, alpha);
    return byRows("indexAdd", x, dim, index, scaled, (y, at, src, d) =>
      apply(scatterOp, [y, at, src!], { op: "indexAdd", dim: d }),
    );
  },
);

/**
 * A copy of `x` with `value`, a number or a tensor of rank 0, at the positions in the vector `index` along `dim`. Negative
 * positions count from the end.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * ones([2, 3]).indexFill(1, tensor([0, -1]), 7).toArray(); // → [[7,1,7],[7,1,7]]
 */
export const indexFill = /* @__PURE__ */ operation(
  "indexFill",
  { x: tensor, dim: number, index: tensor, value: either(number, tensor) },
  (x: Tensor, dim: number, index: Tensor, value: number | Tensor): Tensor => {
    if (typeof value !== "number" && value.ndim > 0) {
      throw new ShapeError(
        "indexFill",
        `the value must be a number or have rank 0, got shape ${formatShape(value.shape)}`,
        "use indexCopy for several values",
        [x.shape, value.shape],
      );
    }
    const one = typeof value === "number" ? filled(x, value) : value;
    return byRows("indexFill", x, dim, index, null, (y, at, _, d) => {
      const src = apply(expandOp, [one], at.shape);
      return apply(setOp, [y, wrapped("indexFill", at, y.shape[d]!), src], {
        op: "indexFill",
        dim: d,
        how: "set",
      });
    });
  },
);

/**
 * A copy of `x` with the elements of `source` at the positions in the vector `index` along `dim`. The source has the shape of
 * `x` with `index.size` places along `dim`. Of duplicates one is written, on the CPU the last.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * zeros([3]).indexCopy(0, tensor([2, 0]), tensor([5, 7])).toArray(); // → [7,0,5]
 */
export const indexCopy = /* @__PURE__ */ operation(
  "indexCopy",
  { x: tensor, dim: number, index: tensor, source: tensor },
  (x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor => {
    return byRows("indexCopy", x, dim, index, source, (y, at, src, d) =>
      apply(setOp, [y, at, src!], { op: "indexCopy", dim: d, how: "set" }),
    );
  },
);
