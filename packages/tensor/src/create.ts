import type { Backend, DType } from "@thalweg/kernels";
import {
  backendFor,
  brandOf,
  checkShape,
  DTypeError,
  formatShape,
  IndexError,
  inMemory,
  isFloating,
  Layout,
  runFilled,
  runUpload,
  type Shape,
  ShapeError,
  sizeOf,
  toInt32,
} from "@thalweg/kernels";
import { creation, shape, tensor as tensorKind } from "./kinds";
import { numbers } from "./numbers";
import {
  boolean,
  checkArguments,
  count as countKind,
  describe,
  either,
  type Kind,
  kind,
  number,
  type OptionKinds,
  operation,
  optional,
  options,
  required,
} from "./signature";
import { Tensor } from "./tensor";

/** Options of the functions that create tensors. */
export interface CreateOptions {
  /** Whether `backward()` computes a gradient for the tensor; false unless given. */
  readonly requiresGrad?: boolean;
  /** Type of the elements; the type of the data if it has one, otherwise `"float32"`, unless given. */
  readonly dtype?: DType;
  /** Device of the tensor; the default device unless given. */
  readonly device?: string;
}

/** Options of {@link tensor}. */
export interface TensorOptions extends CreateOptions {
  /** Shape of the tensor; the shape of the data unless given. */
  readonly shape?: Shape;
}

/** Data of a tensor: a number, nested arrays, or a typed array, alone or as rows. */
export type TensorData = number | boolean | NestedData | ArrayLike<number>;
/** Nested rows of numbers, with equal lengths at each depth. */
export interface NestedData extends ReadonlyArray<number | boolean | NestedData | ArrayLike<number>> {}

/** Makes a tensor on a new storage with these values. */
export function wrap(
  backend: Backend,
  dtype: DType,
  values: ArrayLike<number>,
  shape: Shape,
  requiresGrad = false,
): Tensor {
  const x = new Tensor(runUpload(backend, dtype, converted(dtype, values), shape), Layout.contiguous(shape));
  if (requiresGrad) x.requiresGrad = true;
  return x;
}

/** Converts numbers to an element type. Floats are left for the storage to round. */
function converted(dtype: DType, values: ArrayLike<number>): ArrayLike<number> {
  if (isFloating(dtype)) return values;
  if (dtype === "int32" && values instanceof Int32Array) return values;
  const isBool = dtype === "bool";
  // A loop takes a tenth of the time of `Int32Array.from`, which iterates.
  const ints = new Int32Array(values.length);
  for (let i = 0; i < ints.length; i++) ints[i] = isBool ? Number(values[i] !== 0) : toInt32(values[i]!);
  return ints;
}

const someNumbers = "a number, nested arrays of numbers or a typed array";
const tensorArguments = {
  data: kind(someNumbers, () => true, DTypeError),
  options: options<TensorOptions>({ shape, ...creation }),
};

/**
 * Makes a tensor of the given numbers, which are copied and rounded to float32. Booleans make a bool tensor, and an
 * Int32Array an int32 tensor, unless `dtype` is given.
 *
 * @param data a number, nested arrays of equal lengths, or a typed array; the innermost arrays may be typed
 * @throws ShapeError when nested arrays are ragged or the data does not fill `shape`.
 * @example
 * tensor([[1, 2, 3], [4, 5, 6]]).shape; // → [2,3]
 * tensor(new Float32Array(6), { shape: [3, 2] }).shape; // → [3,2]
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  checkArguments("tensor", tensorArguments, [data, options]);
  const { values, shape: found, dtype: given } = flatten(data);
  const { dtype = given } = options;
  const backend = backendFor("tensor", options.device, dtype);
  let shape = found;
  if (options.shape !== undefined) {
    shape = [...options.shape];
    checkShape("tensor", shape);
    if (sizeOf(shape) !== values.length) {
      throw new ShapeError(
        "tensor",
        `the data does not fill the shape, ${values.length} numbers and ${formatShape(shape)}`,
        `it takes ${sizeOf(shape)}`,
        [found, shape],
      );
    }
  }
  return wrap(backend, dtype, values, shape, options.requiresGrad);
}

/** The elements in row-major order, their shape, and the type of the data itself. */
function flatten(data: TensorData): { values: ArrayLike<number>; shape: Shape; dtype: DType } {
  if (typeof data === "number") return { values: [data], shape: [], dtype: "float32" };
  if (typeof data === "boolean") return { values: [Number(data)], shape: [], dtype: "bool" };
  if (isNumeric(data)) {
    return { values: data, shape: [data.length], dtype: data instanceof Int32Array ? "int32" : "float32" };
  }
  if (!Array.isArray(data)) {
    throw new DTypeError(
      "tensor",
      `data must be ${someNumbers}, got ${describe(data)}`,
      "convert it to numbers first",
    );
  }
  const shape: number[] = [];
  for (let level: unknown = data; isRow(level) && shape.length <= deepest; level = level[0]) {
    shape.push(level.length);
  }
  if (shape.length > deepest) {
    throw new ShapeError("tensor", `rows are more than ${deepest} levels deep`, "nest them less");
  }
  const values: number[] = [];
  let isAllBoolean = true;
  const visit = (item: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof item !== "number" && typeof item !== "boolean") {
        const got = isRow(item) ? `an array of ${item.length}` : describe(item);
        throw new DTypeError(
          "tensor",
          `expected a number at depth ${depth}, got ${got}`,
          "nest all rows alike",
        );
      }
      isAllBoolean &&= typeof item === "boolean";
      values.push(Number(item));
      return;
    }
    if (!isRow(item) || item.length !== shape[depth]) {
      const got = isRow(item) ? `${item.length} elements` : `${item}`;
      throw new ShapeError(
        "tensor",
        `rows differ in length, ${shape[depth]} elements and ${got} at depth ${depth}`,
        "make all rows equally long",
      );
    }
    for (let i = 0; i < item.length; i++) visit(item[i], depth + 1);
  };
  visit(data, 0);
  return { values, shape, dtype: isAllBoolean && values.length > 0 ? "bool" : "float32" };
}

/** Whether this is a typed array of ordinary numbers, and neither a DataView nor an array of BigInts. */
function isNumeric(data: unknown): data is ArrayLike<number> {
  return ArrayBuffer.isView(data) && !/^(DataView|Big)/.test(brandOf(data));
}

/** Largest depth of nested arrays. */
const deepest = 64;

const isRow = (data: unknown): data is ArrayLike<unknown> => Array.isArray(data) || isNumeric(data);

const value: Kind = either(number, boolean);

/** A tensor filled with one value. True and false make a bool tensor unless `dtype` is given. */
export const full = /* @__PURE__ */ operation(
  "full",
  { shape: shape, value, options: options(creation) },
  (shape: Shape, value: number | boolean, options: CreateOptions = {}): Tensor => {
    return filled("full", shape, value, options);
  },
);

function filled(op: string, shape: Shape, value: number | boolean, options: CreateOptions): Tensor {
  checkShape(op, shape);
  const { device, dtype = typeof value === "boolean" ? "bool" : "float32", requiresGrad } = options;
  return fill(op, backendFor(op, device, dtype), dtype, [...shape], value, requiresGrad);
}

function fill(
  op: string,
  backend: Backend,
  dtype: DType,
  shape: Shape,
  value: number | boolean,
  requiresGrad = false,
): Tensor {
  const layout = Layout.contiguous(shape, op);
  const [number] = converted(dtype, [Number(value)]) as [number];
  const x = new Tensor(runFilled(backend, dtype, layout.size, number, shape), layout);
  if (requiresGrad) x.requiresGrad = true;
  return x;
}

function filledLike(op: string, x: Tensor, value: number | boolean, options: CreateOptions): Tensor {
  const { device = x.device, dtype = x.dtype, requiresGrad } = options;
  const { backend } = x.storage;
  const where = device === x.device && dtype === x.dtype ? backend : backendFor(op, device, dtype);
  return fill(op, where, dtype, x.shape, value, requiresGrad);
}

/** A tensor of zeros. */
export const zeros = /* @__PURE__ */ operation(
  "zeros",
  { shape: shape, options: options(creation) },
  (shape: Shape, options: CreateOptions = {}): Tensor => {
    return filled("zeros", shape, 0, options);
  },
);

/** A tensor of ones. */
export const ones = /* @__PURE__ */ operation(
  "ones",
  { shape: shape, options: options(creation) },
  (shape: Shape, options: CreateOptions = {}): Tensor => {
    return filled("ones", shape, 1, options);
  },
);

/** A tensor to be filled later. Its elements are zeros, but programs should not rely on that. */
export const empty = /* @__PURE__ */ operation(
  "empty",
  { shape: shape, options: options(creation) },
  (shape: Shape, options: CreateOptions = {}): Tensor => {
    return filled("empty", shape, 0, options);
  },
);

/** The matrix [n, columns] with ones on the diagonal and zeros elsewhere; `columns` is `n` unless given. */
export const eye = /* @__PURE__ */ operation(
  "eye",
  { n: countKind, columns: optional(countKind), options: options(creation) },
  (n: number, columns: number = n, options: CreateOptions = {}): Tensor => {
    checkShape("eye", [n, columns]);
    const values = inMemory("eye", n * columns, () => new Float32Array(n * columns));
    for (let i = 0; i < Math.min(n, columns); i++) values[i * columns + i] = 1;
    const { device, dtype = "float32", requiresGrad } = options;
    return wrap(backendFor("eye", device, dtype), dtype, values, [n, columns], requiresGrad);
  },
);

/** Options of {@link arange}. */
export interface RangeOptions extends CreateOptions {
  /** Distance between neighbours; 1 unless given. */
  readonly step?: number;
}

const ranges: OptionKinds<RangeOptions> = { ...creation, step: number };
const arangeArguments = {
  start: number,
  end: optional(either(number, options(ranges))),
  options: options(ranges),
};

/**
 * `0, 1, ...` below `end`, or `start, start + step, ...` below `end`.
 *
 * @example
 * arange(3).toArray(); // → [0,1,2]
 * arange(1, 2, { step: 0.5 }).toArray(); // → [1,1.5]
 */
export function arange(end: number, options?: RangeOptions): Tensor;
/** `start, start + step, ...` below `end`; `step` is 1 unless given. */
export function arange(start: number, end: number, options?: RangeOptions): Tensor;
export function arange(first: number, second?: number | RangeOptions, third?: RangeOptions): Tensor {
  checkArguments("arange", arangeArguments, [first, second, third]);
  const [start, end] = typeof second === "number" ? [first, second] : [0, first];
  const options = (typeof second === "number" ? third : second) ?? {};
  const step = options.step ?? 1;
  const count = Math.ceil((end - start) / step);
  if (!Number.isFinite(count) || count < 0) {
    throw new IndexError("arange", `step ${step} does not lead from ${start} to ${end}`, "change its sign");
  }
  const { dtype = "float32" } = options;
  const backend = backendFor("arange", options.device, dtype);
  const values = numbers("arange", dtype, count, (i) => start + i * step);
  return wrap(backend, dtype, values, [count], options.requiresGrad);
}

const linspaceArguments = {
  start: number,
  end: number,
  count: /* @__PURE__ */ either(
    countKind,
    /* @__PURE__ */ options(
      /* @__PURE__ */ Object.assign({}, creation, { count: /* @__PURE__ */ required(countKind) }),
    ),
  ),
  options: options(creation),
};

/** `count` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(
  start: number,
  end: number,
  options: CreateOptions & { readonly count: number },
): Tensor;
/** `count` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number, options?: CreateOptions): Tensor;
export function linspace(
  start: number,
  end: number,
  third: number | (CreateOptions & { readonly count: number }),
  options: CreateOptions = {},
): Tensor {
  checkArguments("linspace", linspaceArguments, [start, end, third, options]);
  const [count, given] = typeof third === "number" ? [third, options] : [third.count, third];
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  // Each half counts from its own end, so that both ends are exact.
  const { dtype = "float32" } = given;
  const backend = backendFor("linspace", given.device, dtype);
  const values = numbers("linspace", dtype, count, (i) =>
    i < count / 2 ? start + i * step : end - (count - 1 - i) * step,
  );
  return wrap(backend, dtype, values, [count], given.requiresGrad);
}

/** Options for a new tensor with the type and device of another, unless the given options override them. */
export function like(x: Tensor, options: CreateOptions): CreateOptions {
  return { device: x.device, dtype: x.dtype, ...options };
}

/** Zeros with the shape, type and device of `x`, unless options override type or device. */
export const zerosLike = /* @__PURE__ */ operation(
  "zerosLike",
  { x: tensorKind, options: options(creation) },
  (x: Tensor, options: CreateOptions = {}): Tensor => {
    return filledLike("zerosLike", x, 0, options);
  },
);

/** Ones with the shape, type and device of `x`, unless options override type or device. */
export const onesLike = /* @__PURE__ */ operation(
  "onesLike",
  { x: tensorKind, options: options(creation) },
  (x: Tensor, options: CreateOptions = {}): Tensor => {
    return filledLike("onesLike", x, 1, options);
  },
);

/** A tensor filled with one value, with the shape, type and device of `x`, unless options override type or device. */
export const fullLike = /* @__PURE__ */ operation(
  "fullLike",
  { x: tensorKind, value, options: options(creation) },
  (x: Tensor, value: number | boolean, options: CreateOptions = {}): Tensor => {
    return filledLike("fullLike", x, value, options);
  },
);
