import { DTypeError } from "@thalweg/kernels";
import { tensor } from "./kinds";
import { toAsync } from "./ops/cast";
import { pow } from "./ops/map/arithmetic";
import { where } from "./ops/map/choice";
import { clone } from "./ops/map/clone";
import type { Operand } from "./ops/pointwise";
import { type Range, slice } from "./ops/view/slice";
import { checkArguments, describe, operation, type Signature, surplus, usage } from "./signature";
import { type NestedArray, Tensor, type TensorArray } from "./tensor";
import { operations } from "./tensor-functions";
import type { OperationMethods } from "./tensor-methods";

/** The methods of a tensor that are defined by operations. */
export interface TensorMethods extends OperationMethods {
  /** Elements of this tensor where `condition` is nonzero, and of `other` elsewhere. */
  where(condition: Tensor, other: Operand): Tensor;
  /** This tensor if its elements are in row-major order, otherwise a copy that is. */
  contiguous(): Tensor;
}

type Callable = ((...args: unknown[]) => unknown) & { readonly takes?: Signature };

/** Makes a method from an operation. Rest parameters would cost as much as a small operation. */
function method(name: string, call: Callable): (this: Tensor, ...args: never[]) => unknown {
  const takes = call.length - 1;
  const { takes: signature } = call;
  const refuse = (x: Tensor, ...args: unknown[]): never => {
    if (signature !== undefined) checkArguments(name, signature, [x, ...args.slice(0, takes)]);
    throw surplus(name, takes, args[takes], signature && usage(name, signature));
  };
  switch (takes) {
    case 0:
      return function (this: Tensor, a?: unknown) {
        return a === undefined ? call(this) : refuse(this, a);
      };
    case 1:
      return function (this: Tensor, a: unknown, b?: unknown) {
        return b === undefined ? call(this, a) : refuse(this, a, b);
      };
    case 2:
      return function (this: Tensor, a: unknown, b: unknown, c?: unknown) {
        return c === undefined ? call(this, a, b) : refuse(this, a, b, c);
      };
    default:
      return function (this: Tensor, a: unknown, b: unknown, c: unknown) {
        return call(this, a, b, c);
      };
  }
}

for (const call of operations as readonly unknown[] as readonly Callable[]) {
  define(call.name, method(call.name, call));
}
define("pow", method("pow", pow as Callable));
define("toAsync", method("toAsync", toAsync as Callable));
define("slice", function (this: Tensor, ...ranges: Range[]) {
  return slice(this, ...ranges);
});
define("where", function (this: Tensor, condition: Tensor, other: Operand) {
  if (!(condition instanceof Tensor)) {
    const remedy = "write a.where(mask, b), or where(mask, a, b)";
    throw new DTypeError("where", `the condition must be a tensor, got ${describe(condition)}`, remedy);
  }
  return where(condition, this, other);
});
define("contiguous", function (this: Tensor) {
  return this.layout.isContiguous ? this : clone(this);
});

function define(name: string, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

/** {@link Tensor.item} as a function. */
export const item = /* @__PURE__ */ operation("item", { x: tensor }, (x: Tensor): number => x.item());

/** {@link Tensor.itemAsync} as a function. */
export const itemAsync = /* @__PURE__ */ operation(
  "itemAsync",
  { x: tensor },
  (x: Tensor): Promise<number> => x.itemAsync(),
);

/** {@link Tensor.toArrayAsync} as a function. */
export const toArrayAsync = /* @__PURE__ */ operation(
  "toArrayAsync",
  { x: tensor },
  (x: Tensor): Promise<NestedArray> => x.toArrayAsync(),
);

/** {@link Tensor.toArray} as a function. */
export const toArray = /* @__PURE__ */ operation(
  "toArray",
  { x: tensor },
  (x: Tensor): NestedArray => x.toArray(),
);

/** {@link Tensor.dataSync} as a function. */
export const dataSync = /* @__PURE__ */ operation(
  "dataSync",
  { x: tensor },
  (x: Tensor): TensorArray => x.dataSync(),
);

/** {@link Tensor.data} as a function. */
export const data = /* @__PURE__ */ operation(
  "data",
  { x: tensor },
  (x: Tensor): Promise<TensorArray> => x.data(),
);

/** {@link Tensor.isContiguous} as a function. */
export const isContiguous = /* @__PURE__ */ operation("isContiguous", { x: tensor }, (x: Tensor): boolean =>
  x.isContiguous(),
);

/** {@link Tensor.contiguous} as a function. */
export const contiguous = /* @__PURE__ */ operation(
  "contiguous",
  { x: tensor },
  (x: Tensor): Tensor => x.contiguous(),
);

/** {@link Tensor.detach} as a function. */
export const detach = /* @__PURE__ */ operation("detach", { x: tensor }, (x: Tensor): Tensor => x.detach());
