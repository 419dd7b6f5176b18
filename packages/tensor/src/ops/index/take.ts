import {
  broadcastShapes,
  formatShape,
  IndexError,
  normalizeDim,
  type Shape,
  ShapeError,
} from "@thalweg/kernels";
import { zeros } from "../../create";
import { maybeDim, tensor } from "../../kinds";
import { count, either, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { composite } from "../define-op";
import { add, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { clone } from "../map/clone";
import { ne } from "../map/comparison";
import type { Draw } from "../sample";
import { cumsum } from "../scan/recurrence";
import { reshapeTo } from "../view/reshape";
import { expandOp } from "../view/view";
import { gatherOp, pick } from "./gather";
import { positionsLike, read, readAsync } from "./on-host";
import { wrapped } from "./wrapped";

/**
 * The elements at positions of the flattened tensor, in the shape of the index. Negative positions count from the end.
 *
 * @throws IndexError when a position is not a whole number within the tensor.
 * @example
 * tensor([[4, 5], [6, 7]]).take(tensor([0, -1])).toArray(); // → [4,7]
 */
export const take = /* @__PURE__ */ operation(
  "take",
  { x: tensor, index: tensor },
  (x: Tensor, index: Tensor) => {
    const positions = reshapeTo(wrapped("take", index, x.size), [index.size]);
    return reshapeTo(pick("take", reshapeTo(x, [x.size]), 0, positions), index.shape);
  },
);

/** Broadcasts to a shape, along all dimensions but one. */
function besides(x: Tensor, shape: Shape, dim: number): Tensor {
  return apply(expandOp, [x], shape.with(dim, x.shape[dim]!));
}

/**
 * Gathers elements along `dim`, like {@link gather}, where the other dimensions broadcast; from the flattened tensors unless `dim` is
 * given. {@link argmax} with `keepDim` and the indices of {@link sort} fit.
 *
 * @throws IndexError when an index is not a whole number within the dimension.
 * @example
 * const x = tensor([[3, 1, 2], [5, 9, 7]]);
 * x.takeAlongDim(x.argmax(1, { keepDim: true }), 1).toArray(); // → [[3],[9]]
 */
export const takeAlongDim = /* @__PURE__ */ operation(
  "takeAlongDim",
  { x: tensor, index: tensor, dim: maybeDim },
  (x: Tensor, index: Tensor, dim?: number): Tensor => {
    const op = "takeAlongDim";
    if (dim === undefined) {
      return apply(gatherOp, [reshapeTo(x, [x.size]), reshapeTo(index, [index.size])], { op, dim: 0 });
    }
    if (x.ndim !== index.ndim) {
      throw new ShapeError(
        op,
        `ranks differ, ${formatShape(x.shape)} and the index ${formatShape(index.shape)}`,
        "give the index a dimension for each",
        [x.shape, index.shape],
      );
    }
    const d = normalizeDim(op, dim, x.ndim);
    if (x.ndim === 0) return apply(gatherOp, [x, index], { op, dim: d });
    const shape = broadcastShapes(op, [x.shape.with(d, 1), index.shape.with(d, 1)]);
    return apply(gatherOp, [besides(x, shape, d), besides(index, shape, d)], { op, dim: d });
  },
);

function replaced(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  const shape = broadcastShapes("maskedScatter", [x.shape, mask.shape]);
  const isTaken = apply(expandOp, [ne(mask.detach(), 0)], shape);
  const flat = reshapeTo(isTaken, [isTaken.size]);
  const order = where(flat, sub(cumsum(flat, 0), 1), 0);
  // An empty source has one element that no position leads to.
  const isEmpty = source.size === 0;
  const values = isEmpty
    ? zeros([1], { dtype: source.dtype, device: source.device })
    : reshapeTo(source, [source.size]);
  const positions = isEmpty ? add(order, to(flat, "int32")) : order;
  const picked = pick("maskedScatter", values, 0, positions);
  return where(isTaken, reshapeTo(picked, shape), apply(expandOp, [x], shape));
}

/**
 * A copy of `x` with the elements of `source`, in row-major order, where `mask` is nonzero. `x` and the mask broadcast. The source may
 * have more elements than the mask chooses.
 *
 * @throws IndexError when the source has fewer elements than the mask chooses.
 * @example
 * zeros([4]).maskedScatter(tensor([0, 1, 0, 1]), tensor([5, 6, 7])).toArray(); // → [0,5,0,6]
 */
export const maskedScatter = /* @__PURE__ */ composite(replaced, {
  name: "maskedScatter",
  takes: { x: tensor, mask: tensor, source: tensor },
  forward: ([x, mask, source]) => replaced(x as Tensor, mask as Tensor, source as Tensor),
  sample(draw: Draw) {
    const shape = draw.shape(0, 3);
    const size = shape.reduce((a, b) => a * b, 1);
    const mask = { shape, domain: { min: 0, max: 1, whole: true } };
    return { inputs: [{ shape }, mask, { shape: [size + draw.int(0, 2)] }], attrs: undefined };
  },
  errors: [{ shapes: [[2], [3], [2]] }],
});

const repeatArguments = { x: tensor, repeats: either(count, tensor), dim: maybeDim };

/** Positions that repeat: `i`, `repeats[i]` times. */
function repeatedPositions(op: string, repeats: ArrayLike<number>, extent: number): Int32Array {
  if (repeats.length !== extent && repeats.length !== 1) {
    throw new ShapeError(
      op,
      `${repeats.length} repeats for ${extent} positions`,
      "give one number, or one for each",
    );
  }
  const of = (i: number) => repeats[repeats.length === 1 ? 0 : i]!;
  let total = 0;
  for (let i = 0; i < extent; i++) {
    const times = of(i);
    if (!Number.isInteger(times) || times < 0) {
      throw new IndexError(op, `repeats must be whole numbers from 0 on, got ${times}`, "round them");
    }
    total += times;
  }
  const positions = new Int32Array(total);
  for (let i = 0, at = 0; i < extent; at += of(i++)) positions.fill(i, at, at + of(i));
  return positions;
}

/** The tensor and the dimension that are meant: flattened unless `dim` is given. */
function along(op: string, x: Tensor, dim: number | undefined): [x: Tensor, dim: number] {
  if (dim === undefined) return [reshapeTo(x, [x.size]), 0];
  const d = normalizeDim(op, dim, x.ndim);
  return [x.ndim === 0 ? reshapeTo(x, [1]) : x, d];
}

/** Repeats each position equally often, which needs no elements: a view with a new dimension, and a copy. */
function repeated(x: Tensor, times: number, dim: number): Tensor {
  const column = reshapeTo(x, x.shape.toSpliced(dim + 1, 0, 1));
  const wide = apply(expandOp, [column], x.shape.toSpliced(dim + 1, 0, times));
  const result = reshapeTo(wide, x.shape.with(dim, x.shape[dim]! * times));
  return result.storage === x.storage ? clone(result) : result;
}

function checkRepeats(op: string, repeats: Tensor): void {
  if (repeats.ndim < 2) return;
  throw new ShapeError(
    op,
    `repeats must be a vector, got shape ${formatShape(repeats.shape)}`,
    "flatten it first",
    [repeats.shape],
  );
}

/**
 * Repeats each element `repeats` times along `dim`, in the flattened tensor unless `dim` is given. A tensor of repeats has a whole number
 * for each position. A copy.
 *
 * @throws DeviceError with a tensor of repeats on WebGPU, where {@link repeatInterleaveAsync} works.
 * @example
 * tensor([[1, 2], [3, 4]]).repeatInterleave(2, 1).toArray(); // → [[1,1,2,2],[3,3,4,4]]
 * tensor([5, 6]).repeatInterleave(tensor([1, 3])).toArray(); // → [5,6,6,6]
 */
export const repeatInterleave = /* @__PURE__ */ operation(
  "repeatInterleave",
  repeatArguments,
  (x: Tensor, repeats: number | Tensor, dim?: number): Tensor => {
    const op = "repeatInterleave";
    const [y, d] = along(op, x, dim);
    if (typeof repeats === "number") return repeated(y, repeats, d);
    checkRepeats(op, repeats);
    return pick(op, y, d, positionsLike(y, repeatedPositions(op, read(op, repeats), y.shape[d]!)));
  },
);

/** Does the same as {@link repeatInterleave}, on every device: along `dim`, or in the flattened tensor unless it is given. */
export const repeatInterleaveAsync = /* @__PURE__ */ operation(
  "repeatInterleaveAsync",
  repeatArguments,
  async (x: Tensor, repeats: number | Tensor, dim?: number): Promise<Tensor> => {
    const op = "repeatInterleaveAsync";
    const [y, d] = along(op, x, dim);
    if (typeof repeats === "number") return repeated(y, repeats, d);
    checkRepeats(op, repeats);
    return pick(op, y, d, positionsLike(y, repeatedPositions(op, await readAsync(op, repeats), y.shape[d]!)));
  },
);
