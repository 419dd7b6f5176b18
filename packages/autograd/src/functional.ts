import { ShapeError, stack, type Tensor, zerosLike } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  formatShape,
  maybeTensor,
  options as optionsOf,
  sameShape,
  tensorKind,
} from "@thalweg/tensor/internal";
import { freshLeaf, gradOf, resultOf } from "./grad";
import { enableGrad } from "./mode";

/** A differentiable function of one tensor. */
export type TensorFunction = (x: Tensor) => Tensor;

/** Options of the functional forms. */
export interface FunctionalOptions {
  /** Record the computation, so that the result can be differentiated again; false unless given. */
  readonly createGraph?: boolean;
}

const functionAndPlace = { f: callback, x: tensorKind };
const settings = /* @__PURE__ */ optionsOf<FunctionalOptions>({ createGraph: boolean });

function checkDirection(op: string, x: Tensor, v: Tensor): void {
  if (sameShape(x.shape, v.shape)) return;
  throw new ShapeError(
    op,
    `the direction must have the shape of x, got ${formatShape(v.shape)} for ${formatShape(x.shape)}`,
    "expand or reshape it",
    [v.shape, x.shape],
  );
}

/** A leaf to differentiate with respect to; with `createGraph`, `x` itself if it has a history. */
function variable(x: Tensor, { createGraph = false }: FunctionalOptions): Tensor {
  return createGraph && x.requiresGrad ? x : freshLeaf(x);
}

function orZeros(g: Tensor | null, like: Tensor): Tensor {
  return g ?? zerosLike(like);
}

function pullBack(
  op: string,
  f: TensorFunction,
  x: Tensor,
  v: Tensor | undefined,
  options: FunctionalOptions,
): [Tensor, Tensor] {
  return enableGrad(() => {
    const leaf = variable(x, options);
    const value = resultOf(op, f(leaf));
    if (!value.requiresGrad) return [value, zerosLike(x)];
    const gradOutputs = v === undefined ? {} : { gradOutputs: v };
    const product = gradOf(op, value, leaf, { ...gradOutputs, ...options, allowUnused: true });
    return [options.createGraph ? value : value.detach(), orZeros(product, x)];
  });
}

function jacobianOf(op: string, f: TensorFunction, x: Tensor, options: FunctionalOptions): Tensor {
  return enableGrad(() => {
    const leaf = variable(x, options);
    const value = resultOf(op, f(leaf));
    const shape = [...value.shape, ...x.shape];
    if (!value.requiresGrad || value.size === 0)
      return zerosLike(x)
        .expand([value.size, ...x.shape])
        .reshape(shape);
    const flat = value.reshape([value.size]);
    const rows = Array.from({ length: value.size }, (_, i) => {
      const row = gradOf(op, flat.select(0, i), leaf, {
        retainGraph: true,
        ...options,
        allowUnused: true,
      });
      return orZeros(row, x);
    });
    return stack(rows, 0).reshape(shape);
  });
}

/**
 * Value of `f` at `x`, and vᵀ·J: the gradient of `sum(v * f(x))`. `v` has the shape of the value. Where
 * that has a single element, `v` is 1 unless given.
 *
 * @example
 * const [value, product] = vjp((x) => x.square(), tensor([1, 2]), tensor([1, 10]));
 * value.toArray(); // → [1,4]
 * product.toArray(); // → [2,40]
 */
export function vjp(
  f: TensorFunction,
  x: Tensor,
  v?: Tensor,
  options: FunctionalOptions = {},
): [Tensor, Tensor] {
  checkArguments("vjp", { ...functionAndPlace, v: maybeTensor, options: settings }, [f, x, v, options]);
  return pullBack("vjp", f, x, v, options);
}

/**
 * Value of `f` at `x`, and J·v: the derivative of `f` in the direction `v`, which has the shape of `x`.
 * Computed by differentiating `vjp`, which is linear in its vector, once more.
 */
export function jvp(
  f: TensorFunction,
  x: Tensor,
  v: Tensor,
  options: FunctionalOptions = {},
): [Tensor, Tensor] {
  checkArguments("jvp", { ...functionAndPlace, v: tensorKind, options: settings }, [f, x, v, options]);
  checkDirection("jvp", x, v);
  return enableGrad(() => {
    const leaf = variable(x, options);
    const value = resultOf("jvp", f(leaf));
    const result = options.createGraph ? value : value.detach();
    if (!value.requiresGrad) return [result, zerosLike(value)];
    const u = zerosLike(value, { requiresGrad: true });
    const pulled = gradOf("jvp", value, leaf, { gradOutputs: u, createGraph: true, allowUnused: true });
    if (pulled === null || !pulled.requiresGrad) return [result, zerosLike(value)];
    const product = gradOf("jvp", pulled, u, { gradOutputs: v, ...options, allowUnused: true });
    return [result, orZeros(product, value.detach())];
  });
}

/** All partial derivatives of `f` at `x`: shape of the value, then shape of `x`. One backward for each row. */
export function jacobian(f: TensorFunction, x: Tensor, options: FunctionalOptions = {}): Tensor {
  checkArguments("jacobian", { ...functionAndPlace, options: settings }, [f, x, options]);
  return jacobianOf("jacobian", f, x, options);
}

/** Second derivatives of a scalar function at `x`: shape of `x`, twice. */
export function hessian(f: TensorFunction, x: Tensor, options: FunctionalOptions = {}): Tensor {
  checkArguments("hessian", { ...functionAndPlace, options: settings }, [f, x, options]);
  const slope = (y: Tensor) => pullBack("hessian", f, y, undefined, { createGraph: true })[1];
  return jacobianOf("hessian", slope, x, options);
}

/** Value of a scalar function at `x`, and H·v without forming H. */
export function hvp(
  f: TensorFunction,
  x: Tensor,
  v: Tensor,
  options: FunctionalOptions = {},
): [Tensor, Tensor] {
  checkArguments("hvp", { ...functionAndPlace, v: tensorKind, options: settings }, [f, x, v, options]);
  checkDirection("hvp", x, v);
  return enableGrad(() => {
    const leaf = variable(x, options);
    const value = resultOf("hvp", f(leaf));
    const result = options.createGraph ? value : value.detach();
    if (!value.requiresGrad) return [result, zerosLike(x)];
    const first = gradOf("hvp", value, leaf, { createGraph: true, allowUnused: true });
    if (first === null || !first.requiresGrad) return [result, zerosLike(x)];
    const product = gradOf("hvp", first, leaf, { gradOutputs: v, ...options, allowUnused: true });
    return [result, orZeros(product, x)];
  });
}
