import { where } from "./ops/map/choice";
import * as operations from "./ops/methods";
import { identity } from "./ops/in-place";
import type { Operand } from "./ops/pointwise";
import { Tensor } from "./tensor";

type Operations = typeof operations;

/** A function of a tensor and more, as a method of that tensor. */
type Method<F> = F extends (x: never, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** The operations as methods. */
export type TensorMethods = { [Name in keyof Operations]: Method<Operations[Name]> };

declare module "./tensor" {
  interface Tensor extends TensorMethods {
    /** Elements of this where `condition` is nonzero, of `other` elsewhere. */
    where(condition: Tensor, other: Operand): Tensor;
    /** This, if its elements lie in row-major order, else a copy of which that is true. */
    contiguous(): Tensor;
  }
}

type Callable = (...args: unknown[]) => unknown;

for (const [name, operation] of Object.entries(operations) as unknown as [string, Callable][]) {
  define(name, function (this: Tensor, a?: unknown, b?: unknown) {
    // Spelled out for the arities that matter: spreading costs more than a small operation.
    switch (arguments.length) {
      case 0:
        return operation(this);
      case 1:
        return operation(this, a);
      case 2:
        return operation(this, a, b);
      default:
        return operation(this, ...arguments);
    }
  });
}
define("where", function (this: Tensor, condition: Operand, other: Operand) {
  return where(condition, this, other);
});
define("contiguous", function (this: Tensor) {
  return this.layout.isContiguous ? this : identity(this);
});

function define(name: string, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
