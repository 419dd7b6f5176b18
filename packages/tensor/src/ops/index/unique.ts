import { normalizeDim } from "@thalweg/kernels";
import { wrap } from "../../create";
import { maybeDim, tensor } from "../../kinds";
import { boolean, operation, options as optionsOf } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { reshapeTo } from "../view/reshape";
import { permuteOp } from "../view/view";
import { pick } from "./gather";
import { positionsLike, read, readAsync } from "./on-host";
import { argsortOp } from "./sort";

/** Options of {@link unique}. */
export interface UniqueOptions {
  /** Whether to return the position of each element among the values; false unless given. */
  readonly returnInverse?: boolean;
  /** Whether to return how often each value occurs; false unless given. */
  readonly returnCounts?: boolean;
  /** The dimension whose slices are compared as a whole; single elements are compared unless given. */
  readonly dim?: number;
}

/** Distinct values, with what else was asked for; int32. */
export interface Unique {
  readonly values: Tensor;
  /** The position of each element among the values, in the shape of the input, or of one dimension if `dim` is given. */
  readonly inverse: Tensor;
  /** How often each value occurs. */
  readonly counts: Tensor;
}

/** The function with a result for each form of the options: values alone, or an object. */
export interface UniqueFunction<Values, All> {
  (
    x: Tensor,
    options: UniqueOptions & ({ readonly returnInverse: true } | { readonly returnCounts: true }),
  ): All;
  (x: Tensor, options?: UniqueOptions): Values;
}

const uniqueArguments = {
  x: tensor,
  options: /* @__PURE__ */ optionsOf<UniqueOptions>({
    returnInverse: boolean,
    returnCounts: boolean,
    dim: maybeDim,
  }),
};

/** Items that are compared, one after the other in memory. */
interface Items {
  /** The tensor whose items are compared, along dim 0. */
  readonly x: Tensor;
  readonly count: number;
  /** Number of elements of an item. */
  readonly width: number;
}

function itemsOf(op: string, x: Tensor, dim: number | undefined): Items {
  const flat = x.detach();
  if (dim === undefined) return { x: reshapeTo(flat, [x.size]), count: x.size, width: 1 };
  const d = normalizeDim(op, dim, x.ndim);
  const line = x.ndim === 0 ? reshapeTo(flat, [1]) : flat;
  const order = [d, ...line.shape.flatMap((_, k) => (k === d ? [] : [k]))];
  const moved = apply(permuteOp, [line], order);
  const count = moved.shape[0]!;
  return { x: moved, count, width: moved.shape.slice(1).reduce((a, b) => a * b, 1) };
}

/** Below 0 where item i comes first, 0 where both are equal. NaN comes last, and no NaN equals another. */
function compare(elements: ArrayLike<number>, width: number, i: number, j: number): number {
  for (let k = 0; k < width; k++) {
    const [a, b] = [elements[i * width + k]!, elements[j * width + k]!];
    if (a === b) continue;
    if (a < b) return -1;
    return a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j;
  }
  return 0;
}

/** The positions of items in ascending order; equal ones keep their order. */
function ascending(elements: ArrayLike<number>, { count, width }: Items): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return order.sort((i, j) => compare(elements, width, i, j) || i - j);
}

/** The same for items of one element, by the device. */
const sortedElements = ({ x }: Items): Tensor => apply(argsortOp, [x], { dim: 0, descending: false });

interface Groups {
  /** The first item of each group. */
  readonly firsts: Int32Array;
  /** The group of each item. */
  readonly inverse: Int32Array;
  readonly counts: Int32Array;
}

/** Neighbours that are equal, among items in an order. */
function grouped(
  elements: ArrayLike<number>,
  order: ArrayLike<number> | null,
  { count, width }: Items,
): Groups {
  const firsts: number[] = [];
  const counts: number[] = [];
  const inverse = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const item = order === null ? k : order[k]!;
    const before = k === 0 ? -1 : order === null ? k - 1 : order[k - 1]!;
    if (before < 0 || compare(elements, width, before, item) !== 0) {
      firsts.push(item);
      counts.push(0);
    }
    counts[counts.length - 1]!++;
    inverse[item] = counts.length - 1;
  }
  return { firsts: Int32Array.from(firsts), inverse, counts: Int32Array.from(counts) };
}

function distinct(
  op: string,
  x: Tensor,
  items: Items,
  elements: ArrayLike<number>,
  order: ArrayLike<number> | null,
  { returnInverse = false, returnCounts = false, dim }: UniqueOptions,
): Tensor | Unique {
  const { firsts, inverse, counts } = grouped(elements, order, items);
  const from = dim === undefined ? items.x : x.detach();
  const at = dim === undefined ? 0 : normalizeDim(op, dim, x.ndim);
  const values = pick(op, from, at, positionsLike(x, firsts));
  if (!returnInverse && !returnCounts) return values;
  const shape = dim === undefined ? x.shape : [items.count];
  return {
    values,
    inverse: wrap(x.storage.backend, "int32", inverse, shape),
    counts: positionsLike(x, counts),
  };
}

type Now = UniqueFunction<Tensor, Unique>;
type Later = UniqueFunction<Promise<Tensor>, Promise<Unique>>;

const uniqueOf = (op: string, sorts: boolean): Now =>
  operation(op, uniqueArguments, ((x: Tensor, options: UniqueOptions = {}) => {
    const items = itemsOf(op, x, options.dim);
    const elements = read(op, items.x);
    const sorted = () => (items.width === 1 ? read(op, sortedElements(items)) : ascending(elements, items));
    return distinct(op, x, items, elements, sorts ? sorted() : null, options);
  }) as Now);

const uniqueLater = (op: string, sorts: boolean): Later =>
  operation(op, uniqueArguments, (async (x: Tensor, options: UniqueOptions = {}) => {
    const items = itemsOf(op, x, options.dim);
    const elements = await readAsync(op, items.x);
    const sorted = () =>
      items.width === 1 ? readAsync(op, sortedElements(items)) : ascending(elements, items);
    return distinct(op, x, items, elements, sorts ? await sorted() : null, options);
  }) as Later);

/**
 * The distinct elements in ascending order, or with `dim` the distinct slices along it. Every NaN is distinct, and comes last. With
 * `returnInverse` or `returnCounts` the result is `{ values, inverse, counts }`. Nothing has a gradient.
 *
 * @throws DeviceError on WebGPU, where {@link uniqueAsync} works.
 * @example
 * unique(tensor([3, 1, 3])).toArray(); // → [1,3]
 * unique(tensor([3, 1, 3]), { returnInverse: true }).inverse.toArray(); // → [1,0,1]
 */
export const unique: UniqueFunction<Tensor, Unique> = /* @__PURE__ */ uniqueOf("unique", true);

/**
 * The elements without those that equal the one before, or with `dim` the slices; otherwise like {@link unique}.
 *
 * @throws DeviceError on WebGPU, where {@link uniqueConsecutiveAsync} works.
 * @example
 * uniqueConsecutive(tensor([3, 3, 1, 3])).toArray(); // → [3,1,3]
 */
export const uniqueConsecutive: UniqueFunction<Tensor, Unique> = /* @__PURE__ */ uniqueOf(
  "uniqueConsecutive",
  false,
);

/** Does the same as {@link unique}, on every device. */
export const uniqueAsync: UniqueFunction<Promise<Tensor>, Promise<Unique>> = /* @__PURE__ */ uniqueLater(
  "uniqueAsync",
  true,
);

/** Does the same as {@link uniqueConsecutive}, on every device. */
export const uniqueConsecutiveAsync: UniqueFunction<
  Promise<Tensor>,
  Promise<Unique>
> = /* @__PURE__ */ uniqueLater("uniqueConsecutiveAsync", false);
