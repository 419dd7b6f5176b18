import { ArgumentError, type Tensor } from "@thalweg/tensor";
import { checkArguments, describe, kind, string } from "@thalweg/tensor/internal";
import { checkModule } from "./containers";
import { Module } from "./module";
import type { Own } from "./own";
import type { Parameter } from "./parameter";
import { computesNothing, parameterOf } from "./parameter-list";

/** The type of the value of a name, among values whose names are known or not. */
export type ValueAt<Values, Name> = string extends keyof Values
  ? Values[keyof Values] | undefined
  : Name extends keyof Values
    ? Values[Name]
    : Values[keyof Values] | undefined;

/** Values are properties with a dot before their names, which no property has otherwise. */
const mark = ".";

const named = /* @__PURE__ */ kind(
  "an object of values by name",
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Module),
);

/** Base class of modules that keep values by name, in the order in which they came, with the methods of a `Map`. */
export abstract class Dictionary<Values extends object> extends Module {
  /** Number of values. */
  get size(): number {
    return [...this.keys()].length;
  }

  /** Whether there is a value of this name. */
  has(name: string): boolean {
    checkArguments("has", { name: string }, [name]);
    return Object.hasOwn(this, mark + name);
  }

  /** The value of a name; undefined where there is none. */
  get<Name extends string>(name: Name): ValueAt<Values, Name> {
    checkArguments("get", { name: string }, [name]);
    return Reflect.get(this, mark + name) as ValueAt<Values, Name>;
  }

  /** Keeps a value under a name, in place of the one that has it. */
  abstract set(name: string, value: unknown): this;

  /** Takes a value away; returns whether there was one. */
  delete(name: string): boolean {
    const isThere = this.has(name);
    if (isThere) this.$release(mark + name);
    return isThere;
  }

  /** Takes all values away. */
  clear(): void {
    checkArguments("clear", {}, arguments);
    for (const name of this.keys()) this.delete(name);
  }

  /** The names. */
  keys(): IterableIterator<string> {
    const properties = Object.keys(this).filter((property) => property.startsWith(mark));
    return properties.map((property) => property.slice(mark.length)).values();
  }

  /** The values. */
  *values(): IterableIterator<Values[keyof Values]> {
    for (const [, value] of this.entries()) yield value;
  }

  /** Names and values. */
  *entries(): IterableIterator<[name: string, value: Values[keyof Values]]> {
    for (const name of this.keys()) yield [name, Reflect.get(this, mark + name) as Values[keyof Values]];
  }

  /** Goes through names and values. */
  [Symbol.iterator](): IterableIterator<[name: string, value: Values[keyof Values]]> {
    return this.entries();
  }

  protected override stateKey(property: string): string {
    return property.startsWith(mark) ? property.slice(mark.length) : property;
  }
}

/** The property for a name; throws where it cannot be a part of a path. */
function propertyOf(op: string, name: unknown): string {
  if (typeof name === "string" && name !== "" && !name.includes(".")) return mark + name;
  throw new ArgumentError(
    op,
    `a name must be a text without dots, got ${name === undefined ? "nothing" : describe(name)}`,
    "names are parts of the paths of parameters",
  );
}

const moduleDict: Own = { name: "ModuleDict", takes: {}, inputs: {} };

/**
 * Modules by name, for their owner to use as it likes; empty unless `modules` are given. Parameters are named by these,
 * "left.weight".
 *
 * @throws ArgumentError when a value is not a module, or a name has a dot.
 * @example
 * const parts = new ModuleDict({ left: new Linear(2, 3), right: new Linear(2, 4) });
 * parts.get("right").outFeatures; // → 4
 * Object.keys(parts.stateDict()).join(" "); // → "left.weight left.bias right.weight right.bias"
 */
export class ModuleDict<
  Modules extends Readonly<Record<string, Module>> = Readonly<Record<string, Module>>,
> extends Dictionary<Modules> {
  constructor(modules: Modules = {} as Modules) {
    super();
    checkArguments("ModuleDict", { modules: named }, [modules]);
    const list = Object.entries(modules);
    for (const [name, module] of list) checkModule("ModuleDict", module, describe(name));
    for (const [name, module] of list) this.registerModule(propertyOf("ModuleDict", name), module);
  }

  override set(name: string, module: Modules[keyof Modules]): this {
    const property = propertyOf("set", name);
    checkModule("set", module, describe(name));
    this.registerModule(property, module);
    return this;
  }

  /** Always throws: names do not say how their modules are called. */
  override forward(): never {
    throw computesNothing("ModuleDict", "a dictionary of modules");
  }

  /** @internal */
  override get $own(): Own {
    return moduleDict;
  }
}

const parameterDict: Own = { name: "ParameterDict", takes: {}, inputs: {} };

/**
 * Parameters by name, for their owner to use; empty unless `parameters` are given. Tensors become parameters that share their storage.
 *
 * @throws ArgumentError when a value is not a tensor, or a name has a dot.
 * @example
 * const scales = new ParameterDict({ left: ones([2]), right: zeros([3]) });
 * scales.get("right").shape; // → [3]
 * Object.keys(scales.stateDict()); // → ["left","right"]
 */
export class ParameterDict<
  Names extends Readonly<Record<string, Tensor>> = Readonly<Record<string, Tensor>>,
> extends Dictionary<{ readonly [Name in keyof Names]: Parameter }> {
  constructor(parameters: Names = {} as Names) {
    super();
    checkArguments("ParameterDict", { parameters: named }, [parameters]);
    const list = Object.entries(parameters).map(
      ([name, value]) =>
        [propertyOf("ParameterDict", name), parameterOf("ParameterDict", value, describe(name))] as const,
    );
    for (const [property, parameter] of list) this.registerParameter(property, parameter);
  }

  override set(name: string, value: Tensor): this {
    this.registerParameter(propertyOf("set", name), parameterOf("set", value, describe(name)));
    return this;
  }

  /** Always throws: names do not say what their parameters are for. */
  override forward(): never {
    throw computesNothing("ParameterDict", "a dictionary of parameters");
  }

  /** @internal */
  override get $own(): Own {
    return parameterDict;
  }
}
