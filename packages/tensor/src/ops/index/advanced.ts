import {
  broadcastShapes,
  formatShape,
  IndexError,
  isFloating,
  named,
  runKernel,
  type Shape,
  ShapeError,
  sizeOf,
} from "@thalweg/kernels";
import { full } from "../../create";
import { currentEngine } from "../../engine";
import { tensor } from "../../kinds";
import { boolean, checkArguments, either, list, number, operation, options } from "../../signature";
import { Tensor } from "../../tensor";
import { apply } from "../apply";
import { checkTarget } from "../in-place";
import { add, mul } from "../map/arithmetic";
import { clone } from "../map/clone";
import { commonBackend } from "../operands";
import { reshapeTo } from "../view/reshape";
import { unsqueeze } from "../view/shape";
import { type Range, range, slice } from "../view/slice";
import { expandOp, permuteOp } from "../view/view";
import { copy_ } from "../write";
import { pick, scatterOp } from "./gather";
import { coordinates, nonzeroPositions } from "./nonzero";
import { namedAsync, positionsLike, read, readAsync } from "./on-host";
import { runScatter, setOp } from "./scatter";
import { checkedPositions, wrapped } from "./wrapped";

/**
 * What {@link index} takes for a dimension: a range as in {@link slice}, or a tensor of positions. A bool tensor stands for as many
 * dimensions as it has, and for the positions where it is true.
 */
export type IndexTerm = Range | Tensor;

/** A bool tensor whose elements were read. */
interface Mask {
  readonly shape: Shape;
  readonly elements: ArrayLike<number>;
}

type Term = Range | Tensor | Mask;

const isMask = (term: Term): term is Mask => typeof term === "object" && term !== null && "elements" in term;
const terms = /* @__PURE__ */ list(/* @__PURE__ */ either(tensor, range));
const isBool = (term: IndexTerm): term is Tensor => term instanceof Tensor && term.dtype === "bool";

const withMasks = (op: string, indices: readonly IndexTerm[]): Term[] =>
  indices.map((term) => (isBool(term) ? { shape: term.shape, elements: read(op, term) } : term));

const withMasksAsync = (op: string, indices: readonly IndexTerm[]): Promise<Term[]> =>
  Promise.all(
    indices.map(async (term) =>
      isBool(term) ? { shape: term.shape, elements: await readAsync(op, term) } : term,
    ),
  );

/** A tensor, and the positions to take along each of its dimensions; null for all. */
interface Taken {
  readonly x: Tensor;
  readonly at: readonly (Tensor | null)[];
}

/** Applies the ranges, which are a view, and finds the dimensions of the tensors. */
function taken(op: string, x: Tensor, indices: readonly Term[]): Taken {
  let y = slice(
    x,
    ...indices.flatMap((term) => {
      if (isMask(term)) return term.shape.map(() => null);
      return [term instanceof Tensor ? null : term];
    }),
  );
  const at: (Tensor | null)[] = [];
  for (const term of indices) {
    if (typeof term === "number") continue;
    if (!isMask(term)) at.push(term instanceof Tensor ? term : null);
    else if (term.shape.length === 0) {
      y = unsqueeze(y, at.length);
      at.push(positionsLike(y, new Int32Array(term.elements[0] === 0 ? 0 : 1)));
    } else {
      checkMask(op, y.shape.slice(at.length, at.length + term.shape.length), term.shape, at.length);
      const columns = coordinates(nonzeroPositions(term.elements), term.shape);
      at.push(...columns.map((column) => positionsLike(y, column)));
    }
  }
  while (at.length < y.ndim) at.push(null);
  return { x: y, at };
}

function checkMask(op: string, shape: Shape, mask: Shape, dim: number): void {
  const wrong = mask.findIndex((extent, d) => extent !== shape[d]);
  if (wrong < 0) return;
  throw new IndexError(
    op,
    `a mask does not fit, ${formatShape(mask)} and the dimensions ${formatShape(shape)} from dim ${dim} on`,
    "it has the shape of the dimensions that it stands for",
  );
}

/** Takes positions that are single numbers, like those among the ranges: they remove their dimension. */
function withoutScalars(op: string, { x, at }: Taken): Taken {
  const dim = at.findLastIndex((positions) => positions?.ndim === 0);
  if (dim < 0) return { x, at };
  const one = pick(op, x, dim, wrapped(op, at[dim]!, x.shape[dim]!));
  return withoutScalars(op, { x: reshapeTo(one, x.shape.toSpliced(dim, 1)), at: at.toSpliced(dim, 1) });
}

/** Positions along one dimension that stand for those along several. */
interface Joined {
  /** The order in which the joined dimensions are neighbours. */
  readonly order: readonly number[];
  /** The first of the joined dimensions in that order. */
  readonly dim: number;
  /** The shape in which they are one dimension. */
  readonly rows: Shape;
  /** Positions in that dimension, a vector. */
  readonly positions: Tensor;
  /** The shape of the elements that are taken, in that order. */
  readonly shape: Shape;
}

/** Joins the dimensions with positions. They come first unless they are neighbours. */
function joined(op: string, { x, at }: Taken): Joined | null {
  const dims = at.flatMap((positions, d) => (positions === null ? [] : [d]));
  if (dims.length === 0) return null;
  const [first, last] = [dims[0]!, dims.at(-1)!];
  const areNeighbours = last - first === dims.length - 1;
  const rest = at.flatMap((positions, d) => (positions === null ? [d] : []));
  const order = areNeighbours ? at.map((_, d) => d) : [...dims, ...rest];
  const dim = areNeighbours ? first : 0;
  const shape = order.map((d) => x.shape[d]!);
  const [positions, wide] = linear(
    op,
    dims.map((d) => at[d]!),
    dims.map((d) => x.shape[d]!),
  );
  const together = (as: Shape) => shape.toSpliced(dim, dims.length, ...as);
  return {
    order,
    dim,
    rows: together([sizeOf(dims.map((d) => x.shape[d]!))]),
    positions,
    shape: together(wide),
  };
}

/** Positions in several dimensions as positions in all of them together, with the shape to which they broadcast. */
function linear(op: string, at: readonly Tensor[], extents: Shape): [positions: Tensor, shape: Shape] {
  const shape = broadcastShapes(
    op,
    at.map((positions) => positions.shape),
  );
  if (at.length === 1) {
    return [reshapeTo(wrapped(op, at[0]!, extents[0]!), [at[0]!.size]), shape];
  }
  const total = at
    .map((positions, d) => checkedPositions(op, positions, extents[d]!))
    .reduce((sum, positions, d) => add(mul(sum, extents[d]!), positions));
  return [reshapeTo(total, [total.size]), shape];
}

const isIdentity = (order: readonly number[]): boolean => order.every((dim, d) => dim === d);
const moved = (x: Tensor, order: readonly number[]): Tensor =>
  isIdentity(order) ? x : apply(permuteOp, [x], [...order]);
const inverse = (order: readonly number[]): number[] => order.map((_, d) => order.indexOf(d));

function lookedUp(op: string, x: Tensor, indices: readonly Term[]): Tensor {
  const found = withoutScalars(op, taken(op, x, indices));
  const place = joined(op, found);
  if (place === null) return found.x;
  const rows = reshapeTo(moved(found.x, place.order), place.rows);
  return reshapeTo(pick(op, rows, place.dim, place.positions), place.shape);
}

/** Makes a public function of any number of indices. */
// @__NO_SIDE_EFFECTS__
function indexing<R>(op: string, body: (x: Tensor, indices: readonly IndexTerm[]) => R) {
  const call = (x: Tensor, ...indices: readonly IndexTerm[]): R => {
    checkArguments(op, { x: tensor, indices: terms }, [x, indices]);
    return named(op, () => body(x, indices));
  };
  // Methods of many arguments pass on all that they get.
  return Object.defineProperties(call, { name: { value: op }, length: { value: 5 } });
}

/**
 * Takes elements like PyTorch's `x[...]`, with one index for each dimension, from the first on. Ranges are those of {@link slice},
 * and are applied first. Tensors of positions broadcast together, negative positions count from the end, and their dimensions take
 * the place of the indexed ones; they come first where a range stands between two tensors. A bool tensor stands for as many
 * dimensions as it has, and takes the positions where it is true. The result is a copy, or a view where all are ranges.
 *
 * @throws IndexError when a position is not a whole number within its dimension, or a mask does not fit; DeviceError with a bool
 * tensor on WebGPU, where {@link indexAsync} works.
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * index(x, tensor([1, 0, 1]), tensor([2, 0, -1])).toArray(); // → [6,1,6]
 * index(x, null, tensor([2, 0])).toArray(); // → [[3,1],[6,4]]
 * index(x, x.gt(2)).toArray(); // → [3,4,5,6]
 */
export const index = /* @__PURE__ */ indexing(
  "index",
  (x, indices): Tensor => lookedUp("index", x, withMasks("index", indices)),
);

/** Does the same as {@link index}, on every device. */
export const indexAsync = /* @__PURE__ */ indexing(
  "indexAsync",
  (x, indices): Promise<Tensor> =>
    namedAsync("indexAsync", async () =>
      lookedUp("indexAsync", x, await withMasksAsync("indexAsync", indices)),
    ),
);

/** Options of `indexPut_`. */
export interface IndexPutOptions {
  /** Whether values are added to the elements, duplicates included; false unless given. */
  readonly accumulate?: boolean;
}

/** The values in the shape of the elements that they replace, where the joined dimensions are one. */
function spread(op: string, values: Tensor, { rows, dim, shape, positions }: Joined): Tensor {
  try {
    return reshapeTo(apply(expandOp, [values], shape), rows.with(dim, positions.size));
  } catch {
    throw new ShapeError(
      op,
      `the values do not fit, ${formatShape(values.shape)} and the indexed shape ${formatShape(shape)}`,
      "they must broadcast to it",
      [values.shape, shape],
    );
  }
}

/** Whether autograd has to know of a write. */
function isRecorded(target: Tensor, values: Tensor): boolean {
  if (currentEngine() === null || !isFloating(target.dtype)) return false;
  return target.requiresGrad || target.base?.requiresGrad === true || values.requiresGrad;
}

/** Writes values where the elements are, if a layout shows the joined dimensions as one. Returns whether it could. */
function writeThere(
  op: string,
  target: Tensor,
  values: Tensor,
  at: Tensor,
  place: Joined,
  isSum: boolean,
): boolean {
  if (isRecorded(target, values) || values.storage === target.storage) return false;
  if (values.dtype !== target.dtype) return false;
  const layout = target.layout.permute(place.order).reshape(place.rows);
  if (layout === null) return false;
  checkTarget(op, target);
  const backend = commonBackend(op, [target, at, values]);
  const out = new Tensor(target.storage, layout);
  if (isSum) runKernel(backend, "scatterAdd", op, out, place.dim, at, values);
  else runScatter(out, at, values, { op, dim: place.dim, how: "set" });
  target.storage.version++;
  return true;
}

/** Writes to the elements of x, and returns it. */
function put(
  op: string,
  x: Tensor,
  indices: readonly Term[],
  given: Tensor | number,
  { accumulate: isSum = false }: IndexPutOptions = {},
): Tensor {
  const values = typeof given === "number" ? full([], given, { dtype: x.dtype, device: x.device }) : given;
  const found = taken(op, x, indices);
  const place = joined(op, found);
  const target = found.x;
  if (place === null) {
    copy_(target, isSum ? add(target, values) : values);
    return x;
  }
  const src = spread(op, values, place);
  const column = place.rows.map((_, d) => (d === place.dim ? place.positions.size : 1));
  const at = apply(expandOp, [reshapeTo(place.positions, column)], src.shape);
  if (writeThere(op, target, src, at, place, isSum)) return x;
  const rows = reshapeTo(moved(target, place.order), place.rows);
  const attrs = { op, dim: place.dim, how: "set" } as const;
  const written = apply(isSum ? scatterOp : setOp, [rows, at, src], attrs);
  const shape = place.order.map((d) => target.shape[d]!);
  copy_(target, moved(reshapeTo(written, shape), inverse(place.order)));
  return x;
}

const putArguments = {
  x: tensor,
  indices: terms,
  values: either(tensor, number),
  options: /* @__PURE__ */ options<IndexPutOptions>({ accumulate: boolean }),
};

/**
 * Writes `values`, which broadcast, to the elements that {@link index} takes for the same indices; returns x. With `accumulate` they
 * are added, and duplicates are summed; otherwise one of several values for an element is written, on the CPU the last.
 *
 * @throws IndexError when a position is not a whole number within its dimension, or a mask does not fit; DeviceError with a bool
 * tensor on WebGPU, where `indexPutAsync_` works, and {@link maskedFill} and {@link maskedScatter}; GradientError for a leaf that requires grad, except
 * within `noGrad`.
 * @example
 * const x = zeros([2, 2]);
 * x.indexPut_([tensor([0, 1, 1]), tensor([1, 0, 0])], 3, { accumulate: true }).toArray(); // → [[0,3],[6,0]]
 */
export const indexPut_ = /* @__PURE__ */ operation(
  "indexPut_",
  putArguments,
  (x: Tensor, indices: readonly IndexTerm[], values: Tensor | number, options?: IndexPutOptions): Tensor =>
    put("indexPut_", x, withMasks("indexPut_", indices), values, options),
);

/** Does the same as `indexPut_`, on every device. */
export const indexPutAsync_ = /* @__PURE__ */ operation(
  "indexPutAsync_",
  putArguments,
  (
    x: Tensor,
    indices: readonly IndexTerm[],
    values: Tensor | number,
    options?: IndexPutOptions,
  ): Promise<Tensor> =>
    namedAsync("indexPutAsync_", async () =>
      put("indexPutAsync_", x, await withMasksAsync("indexPutAsync_", indices), values, options),
    ),
);

/** A copy of `x` with other elements: `indexPut_` out of place. */
export const indexPut = /* @__PURE__ */ operation(
  "indexPut",
  putArguments,
  (x: Tensor, indices: readonly IndexTerm[], values: Tensor | number, options?: IndexPutOptions): Tensor =>
    put("indexPut", clone(x), withMasks("indexPut", indices), values, options),
);

/** Does the same as {@link indexPut}, on every device. */
export const indexPutAsync = /* @__PURE__ */ operation(
  "indexPutAsync",
  putArguments,
  (
    x: Tensor,
    indices: readonly IndexTerm[],
    values: Tensor | number,
    options?: IndexPutOptions,
  ): Promise<Tensor> => {
    const copy = clone(x);
    return namedAsync("indexPutAsync", async () =>
      put("indexPutAsync", copy, await withMasksAsync("indexPutAsync", indices), values, options),
    );
  },
);
