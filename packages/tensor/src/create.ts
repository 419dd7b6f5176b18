import type { Backend, DType } from "@thalweg/kernels";
import {
  backendFor,
  brandOf,
  checkShape,
  DTypeError,
  formatShape,
  IndexError,
  inMemory,
  Layout,
  type Shape,
  ShapeError,
  sizeOf,
} from "@thalweg/kernels";
import { creation, shape, tensor as tensorKind } from "./kinds";
import { numbers } from "./numbers";
import {
  checkArguments,
  count as countKind,
  describe,
  either,
  kind,
  number,
  type OptionKinds,
  operation,
  optional,
  options,
  required,
} from "./signature";
import { Tensor } from "./tensor";

/** Options of everything that creates a tensor. */
export interface CreateOptions {
  /** Whether `backward()` computes a gradient for it; false unless given. */
  readonly requiresGrad?: boolean;
  /** `"float32"` unless given. */
  readonly dtype?: DType;
  /** The default device unless given. */
  readonly device?: string;
}

/** Options of {@link tensor}. */
export interface TensorOptions extends CreateOptions {
  /** Shape of the tensor; that of the data unless given. */
  readonly shape?: Shape;
}

/** Numbers in any form: one, nested arrays, or a typed array, alone or as rows. */
export type TensorData = number | boolean | NestedData | ArrayLike<number>;
/** Rows of rows of numbers, all of one length at each depth. */
export interface NestedData extends ReadonlyArray<number | boolean | NestedData | ArrayLike<number>> {}

/** A tensor on a storage that was just made. */
export function wrap(
  backend: Backend,
  values: ArrayLike<number>,
  shape: Shape,
  requiresGrad = false,
): Tensor {
  const x = new Tensor(backend.upload(values, shape), Layout.contiguous(shape));
  if (requiresGrad) x.requiresGrad = true;
  return x;
}

const someNumbers = "a number, nested arrays of numbers or a typed array";
const tensorArguments = {
  data: kind(someNumbers, () => true, DTypeError),
  options: options<TensorOptions>({ shape, ...creation }),
};

/**
 * A tensor of the given numbers, which are copied and rounded to float32.
 *
 * @param data a number, nested arrays of equal lengths, or a typed array; the innermost arrays may be typed
 * @throws ShapeError when nested arrays are ragged or the data do not fill `shape`.
 * @example
 * tensor([[1, 2, 3], [4, 5, 6]]).shape; // → [2,3]
 * tensor(new Float32Array(6), { shape: [3, 2] }).shape; // → [3,2]
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  checkArguments("tensor", tensorArguments, [data, options]);
  const backend = backendFor("tensor", options.device, options.dtype);
  const { values, shape: found } = flatten(data);
  let shape = found;
  if (options.shape !== undefined) {
    shape = [...options.shape];
    checkShape("tensor", shape);
    if (sizeOf(shape) !== values.length) {
      throw new ShapeError(
        "tensor",
        `the data do not fill the shape, ${values.length} numbers and ${formatShape(shape)}`,
        `it takes ${sizeOf(shape)}`,
        [found, shape],
      );
    }
  }
  return wrap(backend, values, shape, options.requiresGrad);
}

function flatten(data: TensorData): { values: ArrayLike<number>; shape: Shape } {
  if (typeof data === "number" || typeof data === "boolean") return { values: [Number(data)], shape: [] };
  if (isNumeric(data)) return { values: data, shape: [data.length] };
  if (!Array.isArray(data)) {
    throw new DTypeError(
      "tensor",
      `data must be ${someNumbers}, got ${describe(data)}`,
      "make numbers of it first",
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
  const visit = (item: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof item !== "number" && typeof item !== "boolean") {
        const got = isRow(item) ? `an array of ${item.length}` : `${item}`;
        throw new DTypeError(
          "tensor",
          `expected a number at depth ${depth}, got ${got}`,
          "nest all rows alike",
        );
      }
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
  return { values, shape };
}

/** Whether this is a typed array of ordinary numbers: no DataView, and none of BigInts. */
function isNumeric(data: unknown): data is ArrayLike<number> {
  return ArrayBuffer.isView(data) && !/^(DataView|Big)/.test(brandOf(data));
}

/** Dimensions that nested arrays can have. */
const deepest = 64;

const isRow = (data: unknown): data is ArrayLike<unknown> => Array.isArray(data) || isNumeric(data);

/** A tensor of one value. */
export const full = /* @__PURE__ */ operation(
  "full",
  { shape: shape, value: number, options: options(creation) },
  (shape: Shape, value: number, options: CreateOptions = {}): Tensor => {
    return filled("full", shape, value, options);
  },
);

function filled(op: string, shape: Shape, value: number, options: CreateOptions): Tensor {
  checkShape(op, shape);
  return fill(op, backendFor(op, options.device, options.dtype), [...shape], value, options.requiresGrad);
}

function fill(op: string, backend: Backend, shape: Shape, value: number, requiresGrad = false): Tensor {
  const layout = Layout.contiguous(shape, op);
  const x = new Tensor(backend.filled(layout.size, value, shape), layout);
  if (requiresGrad) x.requiresGrad = true;
  return x;
}

function filledLike(op: string, x: Tensor, value: number, options: CreateOptions): Tensor {
  const { device, dtype, requiresGrad } = options;
  const { backend } = x.storage;
  const here = device === undefined && dtype === undefined;
  const where = here ? backend : backendFor(op, device ?? backend.device, dtype ?? backend.dtype);
  return fill(op, where, x.shape, value, requiresGrad);
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

/** A tensor to be filled later. Its elements are zeros, but nobody should rely on it. */
export const empty = /* @__PURE__ */ operation(
  "empty",
  { shape: shape, options: options(creation) },
  (shape: Shape, options: CreateOptions = {}): Tensor => {
    return filled("empty", shape, 0, options);
  },
);

/** The identity matrix, or its first `columns` columns (`n` unless given): [n, columns]. */
export const eye = /* @__PURE__ */ operation(
  "eye",
  { n: countKind, columns: optional(countKind), options: options(creation) },
  (n: number, columns: number = n, options: CreateOptions = {}): Tensor => {
    checkShape("eye", [n, columns]);
    const values = inMemory("eye", n * columns, () => new Float32Array(n * columns));
    for (let i = 0; i < Math.min(n, columns); i++) values[i * columns + i] = 1;
    return wrap(backendFor("eye", options.device, options.dtype), values, [n, columns], options.requiresGrad);
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
    throw new IndexError("arange", `step ${step} does not lead from ${start} to ${end}`, "turn its sign");
  }
  const backend = backendFor("arange", options.device, options.dtype);
  const values = numbers("arange", backend.dtype, count, (i) => start + i * step);
  return wrap(backend, values, [count], options.requiresGrad);
}

const linspaceArguments = {
  start: number,
  end: number,
  count: either(countKind, options({ ...creation, count: required(countKind) })),
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
  // Both halves count from their own end, so that the ends are exact.
  const backend = backendFor("linspace", given.device, given.dtype);
  const values = numbers("linspace", backend.dtype, count, (i) =>
    i < count / 2 ? start + i * step : end - (count - 1 - i) * step,
  );
  return wrap(backend, values, [count], given.requiresGrad);
}

/** Options that put a new tensor where another one is. */
export function like(x: Tensor, options: CreateOptions): CreateOptions {
  return { device: x.device, dtype: x.dtype, ...options };
}

/** Zeros in the shape, type and place of `x`. */
export const zerosLike = /* @__PURE__ */ operation(
  "zerosLike",
  { x: tensorKind, options: options(creation) },
  (x: Tensor, options: CreateOptions = {}): Tensor => {
    return filledLike("zerosLike", x, 0, options);
  },
);

/** Ones in the shape, type and place of `x`. */
export const onesLike = /* @__PURE__ */ operation(
  "onesLike",
  { x: tensorKind, options: options(creation) },
  (x: Tensor, options: CreateOptions = {}): Tensor => {
    return filledLike("onesLike", x, 1, options);
  },
);

/** One value in the shape, type and place of `x`. */
export const fullLike = /* @__PURE__ */ operation(
  "fullLike",
  { x: tensorKind, value: number, options: options(creation) },
  (x: Tensor, value: number, options: CreateOptions = {}): Tensor => {
    return filledLike("fullLike", x, value, options);
  },
);
