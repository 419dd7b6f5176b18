import { ArgumentError, Tensor, ThalwegError } from "@thalweg/tensor";
import { checkArguments, checkCopy, describe, kind } from "@thalweg/tensor/internal";
import { childAt } from "./containers";
import { Module } from "./module";
import type { Own } from "./own";
import { Parameter } from "./parameter";

/** A parameter: the value, or a new one that shares its storage. */
export function parameterOf(op: string, value: unknown, what: string): Parameter {
  if (value instanceof Parameter) return value;
  if (value instanceof Tensor) return new Parameter(value);
  checkCopy(op, what, value);
  const got = value === undefined ? "nothing" : describe(value);
  throw new ArgumentError(op, `${what} must be a parameter, got ${got}`, "write new Parameter(tensor)");
}

/** The error of a module that only keeps things. */
export const computesNothing = (name: string, what: string): ThalwegError =>
  new ThalwegError(name, `${what} computes nothing`, "use what it holds in the forward of a module");

const iterable = /* @__PURE__ */ kind(
  "an array of parameters",
  (value) => typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function",
);

const parameterList: Own = { name: "ParameterList", takes: {}, inputs: {} };

/**
 * A list of parameters, for its owner to use; empty unless `parameters` are given. Tensors become parameters that share their storage.
 *
 * @throws ArgumentError when a value is not a tensor.
 * @example
 * const list = new ParameterList([ones([2]), zeros([3])]);
 * list[1]!.shape; // → [3]
 * Object.keys(list.stateDict()); // → ["0","1"]
 */
export class ParameterList extends Module {
  /** The parameter at a position. */
  [position: number]: Parameter;

  constructor(parameters: Iterable<Tensor> = []) {
    super();
    checkArguments("ParameterList", { parameters: iterable }, [parameters]);
    const list = Array.from(parameters, (value, position) =>
      parameterOf("ParameterList", value, `element ${position}`),
    );
    for (const [position, parameter] of list.entries()) this.registerParameter(`${position}`, parameter);
  }

  get length(): number {
    return [...this].length;
  }

  /**
   * The parameter at a position, which may be counted from the end; undefined where there is none.
   *
   * @throws IndexError when the position is not a whole number.
   */
  at(index: number): Parameter | undefined {
    return childAt(this, index);
  }

  /** Adds a parameter at the end. */
  append(parameter: Tensor): this {
    const { length } = this;
    this.registerParameter(`${length}`, parameterOf("append", parameter, `element ${length}`));
    return this;
  }

  /** Goes through the parameters, in their order. */
  *[Symbol.iterator](): IterableIterator<Parameter> {
    for (const value of Object.values(this)) if (value instanceof Parameter) yield value;
  }

  /** Always throws: a list does not say what its parameters are for. */
  override forward(): never {
    throw computesNothing("ParameterList", "a list of parameters");
  }

  /** @internal */
  override get $own(): Own {
    return parameterList;
  }
}
