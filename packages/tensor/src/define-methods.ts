import { checkArguments, type Signature, surplus, usage } from "./signature";
import { Tensor } from "./tensor";

/** An operation. `takes` is missing where it checks its arguments by itself. */
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
    case 3:
      return function (this: Tensor, a: unknown, b: unknown, c: unknown) {
        return call(this, a, b, c);
      };
    default:
      return function (this: Tensor, ...args: unknown[]) {
        return call(this, ...args);
      };
  }
}

/** Adds a member to every tensor. */
export function define(name: string, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

/** Makes an operation a method. */
export function defineMethod(name: string, call: unknown): void {
  define(name, method(name, call as Callable));
}

/** Makes operations methods of their own names. */
export function defineMethods(operations: readonly unknown[]): void {
  for (const call of operations) defineMethod((call as Callable).name, call);
}
