import { DTypeError } from "@thalweg/kernels";
import { where } from "./ops/map/choice";
import { clone } from "./ops/map/clone";
import * as operations from "./ops/methods";
import type { Operand } from "./ops/pointwise";
import type { Range } from "./ops/view/slice";
import { checkArguments, describe, type Signature, surplus, usage } from "./signature";
import { Tensor } from "./tensor";
import type { OperationMethods } from "./tensor-methods";

/** The methods of a tensor besides those of {@link Tensor} itself. */
export interface TensorMethods extends OperationMethods {
  /** Elements of this where `condition` is nonzero, of `other` elsewhere. */
  where(condition: Tensor, other: Operand): Tensor;
  /** This, if its elements lie in row-major order, else a copy of which that is true. */
  contiguous(): Tensor;
}

type Callable = ((...args: unknown[]) => unknown) & { readonly takes?: Signature };

/** An operation as a method. Rest parameters would cost as much as a small operation. */
function method(name: string, operation: Callable): (this: Tensor, ...args: never[]) => unknown {
  const takes = operation.length - 1;
  const { takes: signature } = operation;
  const refuse = (x: Tensor, ...args: unknown[]): never => {
    if (signature !== undefined) checkArguments(name, signature, [x, ...args.slice(0, takes)]);
    throw surplus(name, takes, args[takes], signature && usage(name, signature));
  };
  switch (takes) {
    case 0:
      return function (this: Tensor, a?: unknown) {
        return a === undefined ? operation(this) : refuse(this, a);
      };
    case 1:
      return function (this: Tensor, a: unknown, b?: unknown) {
        return b === undefined ? operation(this, a) : refuse(this, a, b);
      };
    case 2:
      return function (this: Tensor, a: unknown, b: unknown, c?: unknown) {
        return c === undefined ? operation(this, a, b) : refuse(this, a, b, c);
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
