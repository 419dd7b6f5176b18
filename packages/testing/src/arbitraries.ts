import { ArgumentError, type DType, type Shape, type Tensor, tensor } from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  finite,
  kinds,
  oneOf,
  options as optionsOf,
} from "@thalweg/tensor/internal";
import fc from "fast-check";
import { checkRange, howMany, shapeKinds } from "./arguments";

/** Constraints of {@link shapes}. */
export interface ShapeConstraints {
  /** Fewest dimensions; 0 unless given. */
  readonly minRank?: number;
  /** Most dimensions; 3 unless given. */
  readonly maxRank?: number;
  /** Smallest extent; 1 unless given, 0 for empty tensors as well. */
  readonly minExtent?: number;
  /** Largest extent; 4 unless given. */
  readonly maxExtent?: number;
}

/**
 * Shapes, which shrink to fewer and smaller dimensions.
 *
 * @example
 * fc.sample(shapes({ minRank: 2, maxRank: 2 }), 1)[0]!.length; // → 2
 */
export function shapes(constraints: ShapeConstraints = {}): fc.Arbitrary<number[]> {
  checkArguments("shapes", { constraints: optionsOf(shapeKinds) }, [constraints]);
  return shapesOf("shapes", constraints);
}

function shapesOf(op: string, constraints: ShapeConstraints): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = Math.max(3, minRank), minExtent = 1 } = constraints;
  const { maxExtent = Math.max(4, minExtent) } = constraints;
  checkRange(op, "rank", minRank, maxRank);
  checkRange(op, "extent", minExtent, maxExtent);
  return fc.array(fc.integer({ min: minExtent, max: maxExtent }), { minLength: minRank, maxLength: maxRank });
}

/** `count` shapes that broadcast together; the first is the widest. */
export function broadcastable(count: number, constraints: ShapeConstraints = {}): fc.Arbitrary<number[][]> {
  checkArguments("broadcastable", { count: howMany, constraints: optionsOf(shapeKinds) }, [
    count,
    constraints,
  ]);
  return shapesOf("broadcastable", constraints).chain((shape) => {
    const narrower = fc
      .tuple(
        fc.nat({ max: shape.length }),
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      )
      .map(([from, ones]) => shape.slice(from).map((extent, d) => (ones[d] ? 1 : extent)));
    return fc
      .array(narrower, { minLength: count - 1, maxLength: count - 1 })
      .map((others) => [shape, ...others]);
  });
}

/** Constraints of {@link tensors}. */
export interface TensorConstraints extends ShapeConstraints {
  /** A fixed shape; random ones unless given. */
  readonly shape?: Shape;
  /** Smallest element; -2 unless given. */
  readonly min?: number;
  /** Largest element; 2 unless given. */
  readonly max?: number;
  /** Type of the elements; `"float32"` unless given. */
  readonly dtype?: DType;
  /** Whether they require gradients; false unless given. */
  readonly requiresGrad?: boolean;
}

const tensorKinds = optionsOf<TensorConstraints>({
  ...shapeKinds,
  shape: kinds.shape,
  min: finite,
  max: finite,
  dtype: oneOf("float32", "float64"),
  requiresGrad: boolean,
});

/** Elements are rounded to multiples of 1/grid, so that counterexamples can be read. */
const grid = 2 ** 10;

/** Limit of the elements of a tensor of a given shape. */
const most = 2 ** 24;

/**
 * Tensors of finite numbers, whose elements shrink towards 0, or to the number nearest to it in the range.
 *
 * @example
 * fc.sample(tensors({ shape: [2, 3], min: 0, max: 1 }), 1)[0]!.shape; // → [2,3]
 */
export function tensors(constraints: TensorConstraints = {}): fc.Arbitrary<Tensor> {
  checkArguments("tensors", { constraints: tensorKinds }, [constraints]);
  const { shape, min = -2, max = 2, dtype = "float32", requiresGrad = false } = constraints;
  const [first, last] = [Math.ceil(min * grid), Math.floor(max * grid)];
  if (!(first <= last) || !Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
    throw new ArgumentError(
      "tensors",
      `there are no elements from ${min} to ${max}`,
      "they are multiples of 2^-10 below 2^43",
    );
  }
  if (shape !== undefined && shape.reduce((size, extent) => size * extent, 1) > most) {
    throw new ArgumentError("tensors", `shape [${shape.join(", ")}] is too large`, "draw smaller tensors");
  }
  const shaped = shape === undefined ? shapesOf("tensors", constraints) : fc.constant([...shape]);
  return shaped.chain((extents) => {
    const size = extents.reduce((a, b) => a * b, 1);
    const element = fc.integer({ min: first, max: last }).map((step) => step / grid);
    return fc
      .array(element, { minLength: size, maxLength: size })
      .map((data) => tensor(data, { shape: extents, dtype, requiresGrad }));
  });
}

/** Changes a tensor's layout: the result has the same elements in the same shape. */
export type Relayout = ((x: Tensor) => Tensor) & {
  /** Its name in counterexamples. */
  toString(): string;
};

/**
 * Ways to hold the same elements with other strides: in another order of dimensions, with gaps, backwards,
 * behind an offset. For properties that say that an operation does not depend on strides.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * const [strided] = fc.sample(layouts(), 1);
 * strided!(x).eq(x).all().item(); // → 1
 */
export function layouts(): fc.Arbitrary<Relayout> {
  const named = (name: string, f: (x: Tensor) => Tensor): Relayout =>
    Object.assign(f, { toString: () => name });
  const along = fc.nat({ max: 3 });
  return fc.oneof(
    fc.constant(named("dense", (x) => x)),
    along.map((seed) => named(`permuted(${seed})`, (x) => permuted(x, seed))),
    fc
      .tuple(along, fc.integer({ min: 2, max: 3 }))
      .map(([seed, step]) => named(`gaps(${seed}, ${step})`, (x) => withGaps(x, seed, step))),
    along.map((seed) => named(`flipped(${seed})`, (x) => flipped(x, seed))),
    fc.constant(named("offset", (x) => (x.ndim === 0 ? offset(x.reshape([1])).reshape([]) : offset(x)))),
  );
}

/** Rotates the dimensions in storage. */
function permuted(x: Tensor, seed: number): Tensor {
  const order = x.shape.map((_, d) => (d + seed + 1) % x.ndim);
  const back = order.map((_, d) => order.indexOf(d));
  return x.permute(order).clone().permute(back);
}

function withGaps(x: Tensor, seed: number, step: number): Tensor {
  if (x.ndim === 0) return x;
  const dim = seed % x.ndim;
  const column = x.unsqueeze(dim + 1);
  const wide = column.pad([...new Array<number>(2 * (x.ndim - 1 - dim)).fill(0), 0, step - 1], {
    value: Number.NaN,
  });
  return wide.select(dim + 1, 0);
}

function flipped(x: Tensor, seed: number): Tensor {
  if (x.ndim === 0) return x;
  const dim = seed % x.ndim;
  return x.flip(dim).clone().flip(dim);
}

function offset(x: Tensor): Tensor {
  const before = new Array<number>(2 * (x.ndim - 1)).fill(0);
  return x.pad([...before, 1, 0]).narrow(0, 1, x.shape[0]!);
}
