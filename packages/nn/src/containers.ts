import { ArgumentError, type Tensor, ThalwegError } from "@thalweg/tensor";
import {
  checkArguments,
  checkCopy,
  describe,
  integer,
  kind,
  recorder,
  type Signature,
  scoped,
} from "@thalweg/tensor/internal";
import { called } from "./guard";
import { Layer, Module } from "./module";
import type { Own } from "./own";
import { assignments } from "./properties";

/** Throws unless a value can be a member; says what to write where that can be guessed. */
export function checkModule(name: string, value: unknown, what: string): void {
  if (value instanceof Module) return;
  checkCopy(name, what, value);
  if (typeof value === "function") {
    const isClass = value.prototype instanceof Module;
    throw new ArgumentError(
      name,
      `${what} must be a module, got ${isClass ? `the class ${value.name}` : "a function"}`,
      isClass ? `write new ${value.name}(...)` : "call it in the forward of a class that extends Layer",
    );
  }
  const got = value === undefined ? "nothing" : describe(value);
  const remedy = Array.isArray(value) ? "write ...layers for the layers of an array" : "pass only modules";
  throw new ArgumentError(name, `${what} must be a module, got ${got}`, remedy);
}

const iterable = /* @__PURE__ */ kind(
  "an array of modules",
  (value) => typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function",
);

const indexSignature: Signature = { index: integer };

/** The member at a position, which may be counted from the end. */
export function childAt<M>(modules: Iterable<M>, index: number): M | undefined {
  checkArguments("at", indexSignature, [index]);
  return [...modules].at(index);
}

function isTransparent(layer: Layer): boolean {
  const own = layer.$own;
  const keepsNothing = own?.keepsNothing ?? false;
  return (
    keepsNothing !== false && own!.forward === layer.forward && (keepsNothing === true || keepsNothing(layer))
  );
}

const sequential: Own = {
  name: "Sequential",
  takes: {},
  keepsNothing: (layer) => layersOf(layer as SequentialLayers).every(isTransparent),
};

/** A {@link Sequential} of any layers. */
export class SequentialLayers extends Layer {
  /** The layer at a position. */
  [position: number]: Layer;
  /** Number of layers. */
  readonly length: number;

  constructor(...layers: readonly Layer[]) {
    super();
    for (const [position, layer] of layers.entries()) checkModule("Sequential", layer, `element ${position}`);
    this.length = layers.length;
    for (const [position, layer] of layers.entries()) this.registerModule(`${position}`, layer);
  }

  /**
   * The layer at a position, which may be counted from the end; undefined where there is none.
   *
   * @throws IndexError when the position is not a whole number.
   */
  at(index: number): Layer | undefined {
    return childAt(this, index);
  }

  /** Goes through the layers, in their order. */
  *[Symbol.iterator](): IterableIterator<Layer> {
    for (const [, child] of this.namedChildren()) yield child as Layer;
  }

  override forward(x: Tensor): Tensor {
    return run(layersOf(this), x);
  }

  /** @internal */
  override get $own(): Own {
    return sequential;
  }
}

interface Remembered {
  readonly layers: readonly Layer[];
  readonly assignments: number;
  readonly properties: number;
}

const remembered = /* @__PURE__ */ new WeakMap<SequentialLayers, Remembered>();

/** The layers of a container; cached until something is assigned. */
function layersOf(model: SequentialLayers): readonly Layer[] {
  const properties = Object.keys(model).length;
  const found = remembered.get(model);
  if (found?.properties === properties && found.assignments === assignments.count) {
    recorder?.guard("layers", () => layersOf(model) === found.layers);
    return found.layers;
  }
  const layers = [...model];
  remembered.set(model, { layers, assignments: assignments.count, properties });
  return layers;
}

/** The type of the layer at a position that is known at compile time. */
export type LayerAt<L extends readonly Layer[], I extends number> = `${I}` extends keyof L
  ? L[`${I}`]
  : I extends -1
    ? L extends readonly [...unknown[], infer Last]
      ? Last
      : undefined
    : Layer | undefined;

/** The types of the single layers, if their number is known. */
export type LayersByPosition<L extends readonly Layer[]> = number extends L["length"]
  ? unknown
  : { [K in Extract<keyof L, `${number}`>]: L[K] } & {
      /** The layer at a position, from the end if it is negative. */
      at<I extends number>(index: I): LayerAt<L, I>;
    };

/**
 * Layers one after another; parameters are named by position, "0.weight".
 *
 * Its type includes those of its layers, for `model[0]` and `model.at(-1)`. Declare a property that will hold other
 * layers as well as `Sequential` alone.
 *
 * @throws ArgumentError when one is not a module.
 * @example
 * const model = new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));
 * model.forward(tensor([[1, 2]])).shape; // → [1,1]
 * model[0].weight.shape; // → [3,2]
 * model.at(-1).outFeatures; // → 1
 */
export type Sequential<L extends readonly Layer[] = readonly Layer[]> = LayersByPosition<L> &
  SequentialLayers;

/** Makes a model of layers that run one after another. */
export const Sequential: new <L extends readonly Layer[] = readonly Layer[]>(...layers: L) => Sequential<L> =
  /* @__PURE__ */ called("Sequential", SequentialLayers) as never;

/**
 * Runs layers one after another. Tensors that pass between the first layers, as long as these keep nothing, are visible
 * here alone: each is released as soon as the next layer has run.
 */
function run(layers: readonly Layer[], x: Tensor): Tensor {
  let count = 0;
  while (count < layers.length && isTransparent(layers[count]!)) count++;
  const upTo = (end: number): Tensor =>
    end === 0 ? x : scoped(() => layers[end - 1]!.forward(upTo(end - 1)));
  let y = upTo(count);
  for (let i = count; i < layers.length; i++) y = layers[i]!.forward(y);
  return y;
}

const moduleList: Own = { name: "ModuleList", takes: {}, inputs: {} };

/**
 * A list of modules, for its owner to use as it likes; empty unless `modules` are given.
 *
 * @throws ArgumentError when one is not a module.
 * @example
 * const list = new ModuleList([new Linear(2, 3), new Linear(3, 4)]);
 * list[1]!.inFeatures; // → 3
 * list.parameters().length; // → 4
 */
export class ModuleList<M extends Module = Module> extends Module {
  /** The module at a position. */
  [position: number]: M;

  constructor(modules: Iterable<M> = []) {
    super();
    checkArguments("ModuleList", { modules: iterable }, [modules]);
    const list = [...modules];
    for (const [position, module] of list.entries()) checkModule("ModuleList", module, `element ${position}`);
    for (const [position, module] of list.entries()) this.registerModule(`${position}`, module);
  }

  get length(): number {
    return [...this].length;
  }

  /**
   * The module at a position, which may be counted from the end; undefined where there is none.
   *
   * @throws IndexError when the position is not a whole number.
   */
  at(index: number): M | undefined {
    return childAt(this, index);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    const { length } = this;
    checkModule("append", module, `element ${length}`);
    this.registerModule(`${length}`, module);
    return this;
  }

  /** Goes through the modules, in their order. */
  *[Symbol.iterator](): IterableIterator<M> {
    for (const [, child] of this.namedChildren()) yield child as M;
  }

  /** Always throws: a list does not say how its modules are called. */
  override forward(): never {
    throw new ThalwegError(
      "ModuleList",
      "a list of modules computes nothing",
      "call its modules, or use Sequential",
    );
  }

  /** @internal */
  override get $own(): Own {
    return moduleList;
  }
}

const identity: Own = { name: "Identity", takes: {}, keepsNothing: true };

/** Returns its input. */
export class Identity extends Layer {
  override forward(x: Tensor): Tensor {
    return x;
  }

  /** @internal */
  override get $own(): Own {
    return identity;
  }
}
