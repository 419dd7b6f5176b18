import { identity } from "./ops/in-place";
import { where } from "./ops/map/choice";
import * as operations from "./ops/methods";
import type { Operand } from "./ops/pointwise";
import type { Range } from "./ops/view/slice";
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

for (const [name, operation] of Object.entries(operations) as unknown as [string, Callable][]) {
  // Three is the most that any of them takes besides the tensor; rest parameters cost as much as a small operation.
  define(name, function (this: Tensor, a: unknown, b: unknown, c: unknown) {
    return operation(this, a, b, c);
  });
}
define("slice", function (this: Tensor, ...ranges: Range[]) {
  return operations.slice(this, ...ranges);
});
define("where", function (this: Tensor, condition: Operand, other: Operand) {
  return where(condition, this, other);
});
define("contiguous", function (this: Tensor) {
  return this.layout.isContiguous ? this : identity(this);
});

function define(name: string, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
