import { operand, tensor } from "./kinds";
import { identity } from "./ops/in-place";
import { where } from "./ops/map/choice";
import * as operations from "./ops/methods";
import type { Operand } from "./ops/pointwise";
import type { Range } from "./ops/view/slice";
import { checkArguments, surplus } from "./signature";
import { Tensor } from "./tensor";

type Operations = typeof operations;

/** A function of a tensor and more, as a method of that tensor. */
type Method<F> = F extends (x: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The operations as methods, under the names of the functions. */
export type TensorMethods = { [Name in keyof Operations]: Method<Operations[Name]> } & {
  /** Elements of this where `condition` is nonzero, of `other` elsewhere. */
  where(condition: Tensor, other: Operand): Tensor;
  /** This, if its elements lie in row-major order, else a copy of which that is true. */
  contiguous(): Tensor;
};

type Callable = (...args: unknown[]) => unknown;

/** An operation as a method. Rest parameters would cost as much as a small operation. */
function method(name: string, operation: Callable): (this: Tensor, ...args: never[]) => unknown {
  const takes = operation.length - 1;
  const check = (value: unknown) => {
    if (value !== undefined) throw surplus(name, takes, value);
  };
  switch (takes) {
    case 0:
      return function (this: Tensor, a?: unknown) {
        check(a);
        return operation(this);
      };
    case 1:
      return function (this: Tensor, a: unknown, b?: unknown) {
        check(b);
        return operation(this, a);
      };
    case 2:
      return function (this: Tensor, a: unknown, b: unknown, c?: unknown) {
        check(c);
        return operation(this, a, b);
      };
    default:
      return function (this: Tensor, a: unknown, b: unknown, c: unknown) {
        return operation(this, a, b, c);
      };
  }
}

for (const [name, operation] of Object.entries(operations) as unknown as [string, Callable][]) {
  define(name, method(name, operation));
}
define("slice", function (this: Tensor, ...ranges: Range[]) {
  return operations.slice(this, ...ranges);
});
define("where", function (this: Tensor, condition: Tensor, other: Operand) {
  // Whoever means where(mask, a, b) may have written mask.where(a, b).
  checkArguments("where", { condition: tensor, other: operand }, [condition, other]);
  return where(condition, this, other);
});
define("contiguous", function (this: Tensor) {
  return this.layout.isContiguous ? this : identity(this);
});

function define(name: string, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
