import { ArgumentError, Tensor } from "@thalweg/tensor";
import { checkCopy, describe, type Kind, kind } from "@thalweg/tensor/internal";

/** Tensors, or pairs of name and tensor, as from `model.parameters()` and `model.namedParameters()`. */
export type ParameterInput = Iterable<Tensor> | Iterable<readonly [name: string, tensor: Tensor]>;

const must = "tensors in an array or another iterable";

/** The argument of a function that takes parameters; {@link parametersOf} checks it. */
export const parameters: Kind = /* @__PURE__ */ kind(must, () => true);

/** The remedy for a value that is not parameters. */
function advice(value: unknown): string {
  if (value instanceof Tensor) return "put it into an array";
  if (typeof value === "function") return "call it: model.parameters()";
  const { parameters: method } = (value ?? {}) as { readonly parameters?: unknown };
  return typeof method === "function"
    ? "pass model.parameters()"
    : "pass tensors, or pairs of name and tensor";
}

/** The elements of an iterable, as an array; throws if it is not iterable. */
export function itemsOf(op: string, given: unknown): unknown[] {
  if (typeof given === "object" && !(given instanceof Tensor) && Symbol.iterator in (given ?? {})) {
    const isModel = typeof (given as { parameters?: unknown }).parameters === "function";
    if (!isModel) return [...(given as Iterable<unknown>)];
  }
  checkCopy(op, "params", given);
  throw new ArgumentError(op, `params must be ${must}, got ${describe(given)}`, advice(given));
}

/** Tensors with their names, if any, from an iterable's elements. */
export function parametersOf(op: string, items: readonly unknown[]): [string | undefined, Tensor][] {
  return items.map((item, i) => {
    const [name, tensor] = item instanceof Tensor ? [item.name, item] : Array.isArray(item) ? item : [];
    if (tensor instanceof Tensor && (name === undefined || typeof name === "string")) return [name, tensor];
    checkCopy(op, "a parameter", tensor ?? item);
    throw new ArgumentError(op, `params[${i}] is not a tensor, got ${describe(item)}`, advice(item));
  });
}
