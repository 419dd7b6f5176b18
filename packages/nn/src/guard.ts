import { Tensor, ThalwegError } from "@thalweg/tensor";
import { checkArguments, renamed } from "@thalweg/tensor/internal";
import { type Own, oneTensor } from "./own";

/** The parts of a module that errors need. The dollar keeps their names apart from those of a user's properties. */
export interface Named {
  readonly $own: Own | undefined;
  /** The path from this module to one below it. */
  $pathTo(module: Named): string | undefined;
}

type Forward = (this: Named, ...inputs: unknown[]) => unknown;

const guarded = new WeakSet<object>();

/**
 * Makes errors of `forward` say which layer they come from, and layers of the library check that they are called with
 * tensors; once for each class below `root`.
 */
export function guard(prototype: object, root: object): void {
  for (let at = prototype; at !== root && !guarded.has(at); at = Object.getPrototypeOf(at) as object) {
    guarded.add(at);
    const found = Object.getOwnPropertyDescriptor(at, "forward");
    if (typeof found?.value !== "function" || !found.configurable) continue;
    const own = Object.hasOwn(at, "$own") ? (at as Named).$own : undefined;
    const value = guardedForward(found.value as Forward, own);
    Object.defineProperty(at, "forward", { ...found, value });
    if (own !== undefined) own.forward = value;
  }
}

function guardedForward(run: Forward, own: Own | undefined): Forward {
  const inputs = own?.inputs ?? oneTensor;
  const isSingle = inputs === oneTensor;
  const forward: Forward = function () {
    try {
      const given = arguments;
      if (own !== undefined && !(isSingle && given[0] instanceof Tensor)) {
        checkArguments(own.name, inputs, given);
      }
      return run.apply(this, given as unknown as unknown[]);
    } catch (error) {
      throw located(error, this, own?.name);
    }
  };
  return Object.defineProperty(forward, "length", { value: run.length });
}

/** The name of a module's class. */
export function nameOf({ $own: own, constructor }: Named): string {
  return own !== undefined && Object.hasOwn(constructor.prototype, "$own") ? own.name : constructor.name;
}

/** Gives a class its public name, which minifiers leave alone. */
export function called<C extends object>(name: string, Class: C): C {
  return Object.defineProperty(Class, "name", { value: name });
}

/** The modules that errors come from. */
const places = new WeakMap<ThalwegError, { readonly module: Named; readonly name: string }>();

/**
 * The error with the path from this module to the one that it comes from, as in `Sequential "2" (Conv2d)`. Each
 * enclosing module renames it, so that the path starts at the outermost.
 *
 * @param own the name of the layer if it is one of the library, for its errors
 */
function located(error: unknown, module: Named, own?: string): unknown {
  if (!(error instanceof ThalwegError)) return error;
  const place = places.get(error);
  if (place === undefined) {
    if (own !== undefined) renamed(error, own);
    const name = nameOf(module);
    places.set(error, { module, name: own === undefined ? `${name}, ${error.op}` : name });
    return error;
  }
  if (place.module === module) return error;
  const path = module.$pathTo(place.module);
  return path === undefined ? error : renamed(error, `${nameOf(module)} "${path}" (${place.name})`);
}
