import { Tensor, ThalwegError } from "@thalweg/tensor";
import { changes, describe, recorder } from "@thalweg/tensor/internal";
import { type Named, nameOf } from "./guard";
import { Parameter } from "./parameter";

/** The kind of values that a property of a module holds. */
export interface Role {
  readonly name: string;
  readonly remedy: string;
  fits(value: unknown): boolean;
}

export const parameterRole: Role = {
  name: "parameter",
  remedy: "assign new Parameter(tensor), or null for none",
  fits: (value) => value instanceof Parameter,
};

export const bufferRole: Role = {
  name: "buffer",
  remedy: "assign a tensor, or null for none",
  fits: (value) => value instanceof Tensor,
};

/** The number of assignments to properties of any module: caches compare it. */
export const assignments = { count: 0 };

const accessors = new Map<string, PropertyDescriptor>();

/**
 * Makes a property accept nothing but values of its kind, or null: anything else would silently not be trained.
 * Modules share the accessors, so that engines give them the same hidden class.
 */
export function hold(module: Named, property: string, role: Role, value: unknown): void {
  check(module, property, role, value);
  const id = `${role.name} ${property}`;
  let accessor = accessors.get(id);
  if (accessor === undefined) {
    accessor = accessorOf(property, role);
    accessors.set(id, accessor);
  }
  const found = Object.getOwnPropertyDescriptor(module, property);
  if (found?.get !== accessor.get && (found?.configurable ?? true) && Object.isExtensible(module)) {
    Object.defineProperty(module, property, accessor);
  }
  Reflect.set(module, property, value);
}

/** Takes away a property that {@link hold} made, and what it holds. */
export function release(module: Named, property: string): void {
  Reflect.set(module, property, null);
  Reflect.deleteProperty(module, property);
}

function check(module: Named, property: string, { name, remedy, fits }: Role, value: unknown): void {
  if (value === null || fits(value)) return;
  throw new ThalwegError(nameOf(module), `"${property}" is a ${name}, got ${describe(value)}`, remedy);
}

function accessorOf(property: string, role: Role): PropertyDescriptor {
  const key = Symbol(property);
  type Slots = Named & { [key]: unknown };
  return {
    configurable: true,
    enumerable: true,
    get(this: Slots) {
      const value = this[key];
      recorder?.guard(property, () => this[key] === value);
      return value;
    },
    set(this: Slots, value: unknown) {
      check(this, property, role, value);
      assignments.count++;
      changes.count++;
      this[key] = value;
    },
  };
}

/** Limit of the values in arrays and objects that are looked at, so that data in a property cost nothing. */
const most = 1000;

/** The modules and parameters in an array, a plain object, a Map or a Set, where they are not found. */
function* contained(value: unknown, isModule: Role["fits"]): Generator<object> {
  const open: unknown[] = [];
  const enter = (item: unknown) => {
    if (typeof item !== "object" || item === null) return;
    const inside =
      Array.isArray(item) || item instanceof Set || item instanceof Map
        ? item.values()
        : isPlain(item)
          ? Object.values(item)
          : [];
    for (const each of inside) if (open.length < most) open.push(each);
  };
  enter(value);
  for (let i = 0; i < open.length; i++) {
    const item = open[i];
    if (parameterRole.fits(item) || isModule(item)) yield item as object;
    else enter(item);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A module below another: the path that leads there, and its properties. */
export interface Below<M extends Named> {
  readonly path: string;
  readonly module: M;
  readonly properties: readonly (readonly [name: string, value: unknown])[];
}

/** Throws when an array or an object holds a module or parameter that no property holds: it would not be trained. */
export function checkContainers(list: readonly Below<Named>[], { fits: isModule }: Role): void {
  for (const { module, properties } of list) {
    for (const [property, value] of properties) {
      if (typeof value !== "object" || value === null || property === "$buffers") continue;
      if (isModule(value) || value instanceof Tensor) continue;
      for (const item of contained(value, isModule)) {
        const isFound = list.some(
          (at) => at.module === item || at.properties.some(([, own]) => own === item),
        );
        if (!isFound) throw lost(module, property, item);
      }
    }
  }
}

/** The error for a module or parameter that would not be trained. */
function lost(module: Named, property: string, item: object): ThalwegError {
  const isParameter = parameterRole.fits(item);
  return new ThalwegError(
    nameOf(module),
    `"${property}" holds a ${isParameter ? "Parameter" : nameOf(item as Named)}, which is not registered there`,
    isParameter
      ? "give each parameter a property of its own"
      : "use new ModuleList([...]), or give each module a property of its own",
  );
}
