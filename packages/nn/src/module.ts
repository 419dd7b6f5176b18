import { Tensor } from "@thalweg/tensor";
import {
  boolean,
  callback,
  changes,
  checkArguments,
  checkCopy,
  copyMark,
  kind,
  recorder,
  type Signature,
  string,
  thisCopy,
} from "@thalweg/tensor/internal";
import { guard, type Named, nameOf } from "./guard";
import { moveAll } from "./move";
import type { Own } from "./own";
import { Parameter } from "./parameter";
import {
  type Below,
  bufferRole,
  checkContainers,
  hold,
  parameterRole,
  type Role,
  release,
} from "./properties";
import { type LoadOptions, type LoadReport, loadSignature, prepareLoad, type StateDict } from "./state-dict";

/**
 * A part of a model: parameters, buffers and other modules, kept in properties, and a `forward` that uses
 * them. Modules and parameters are found when they are assigned to a property; only buffers need registering. From
 * then on the property accepts nothing else but null: to change a parameter, assign another `Parameter`, or write into it.
 *
 * Modules and parameters in an array, an object or a Map are not found, and an error says so: use
 * {@link ModuleList}. Those in a private field, `#name`, are invisible: they are not trained, saved or moved.
 *
 * Errors say where they come from: `Net "body.2" (Conv2d): ...` is the layer at that path below the module whose
 * `forward` was called.
 *
 * @example
 * class Doubler extends Module {
 *   factor = new Parameter(tensor([2]));
 *   override forward(x: Tensor) {
 *     return x.mul(this.factor);
 *   }
 * }
 * const model = new Doubler();
 * model.forward(tensor([3])).toArray(); // → [6]
 * Object.keys(model.stateDict()); // → ["factor"]
 */
export abstract class Module {
  /** Whether the module is being trained; layers such as dropout behave differently. Set by {@link train}. */
  get training(): boolean {
    const value = this.$training;
    recorder?.guard("training", () => this.$training === value);
    return value;
  }

  set training(value: boolean) {
    if (value !== this.$training) changes.count++;
    this.$training = value;
  }

  /** @internal */
  private $training = true;
  /** Names of buffers. @internal */
  private readonly $buffers = new Set<string>();

  constructor() {
    guard(new.target.prototype, Module.prototype);
  }

  /** @internal */
  get [copyMark](): object {
    return thisCopy;
  }

  /** The library's description of a layer of its own. @internal */
  get $own(): Own | undefined {
    return undefined;
  }

  /** Computes the result. Every module defines it, with inputs and outputs of its own. */
  abstract forward(...inputs: never[]): unknown;

  /** Keeps a tensor, in the property of this name, that is saved with the model but not trained. */
  protected registerBuffer<Value extends Tensor | null>(name: string, value: Value): Value {
    checkArguments("registerBuffer", { name: string }, [name]);
    hold(this, name, bufferRole, value);
    this.$buffers.add(name);
    return value;
  }

  /**
   * Keeps a parameter in the property of this name, or null where there is none. Assigned parameters are found without
   * it; it reserves the property for parameters at once.
   */
  protected registerParameter<Value extends Parameter | null>(name: string, value: Value): Value {
    checkArguments("registerParameter", { name: string }, [name]);
    hold(this, name, parameterRole, value);
    return value;
  }

  /** Forgets what was registered under this name. @internal */
  $release(name: string): void {
    release(this, name);
    this.$buffers.delete(name);
  }

  /** Keeps a module in the property of this name. Modules that are assigned are found without it. */
  protected registerModule<Value extends Module | null>(name: string, value: Value): Value {
    checkArguments("registerModule", { name: string }, [name]);
    hold(this, name, moduleRole, value);
    return value;
  }

  /**
   * The name of a property in the paths of parameters, buffers and modules, and so in state dicts: the property's own,
   * unless overridden. The layers of this library override it with {@link snakeCase}, which gives PyTorch's keys:
   * `runningMean` is saved as `running_mean`. Different properties must have different keys.
   *
   * @example
   * class Scale extends Module {
   *   logFactor = new Parameter(zeros([1]));
   *   override forward(x: Tensor) {
   *     return x.mul(this.logFactor.exp());
   *   }
   *   protected override stateKey(property: string) {
   *     return snakeCase(property);
   *   }
   * }
   * Object.keys(new Scale().stateDict()); // → ["log_factor"]
   */
  protected stateKey(property: string): string {
    return property;
  }

  /** Direct submodules, by the key of their property. */
  *namedChildren(): IterableIterator<[name: string, module: Module]> {
    for (const [property, value] of this.$properties()) {
      if (value instanceof Module) yield [this.stateKey(property), value];
    }
  }

  /**
   * This module and all below it, each once, with the path that leads to it.
   *
   * @param prefix the beginning of all paths; empty unless given
   * @param seen modules to leave out; the visited ones are added to it; none unless given
   */
  *namedModules(
    prefix = "",
    seen: Set<Module> = new Set(),
  ): IterableIterator<[name: string, module: Module]> {
    checkArguments("namedModules", namedModulesSignature, [prefix, seen]);
    const list = this.$below(prefix, seen);
    checkContainers(list, moduleRole);
    for (const { path, module } of list) yield [path, module];
  }

  /** This module and all below it. */
  *modules(): IterableIterator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** The values of the properties. Those of parameters and modules accept nothing else from now on. @internal */
  private $properties(): [name: string, value: unknown][] {
    const list: [string, unknown][] = Object.entries(this);
    for (const [property, value] of list) {
      if (typeof value !== "object" || value === null) continue;
      const role =
        value instanceof Module ? moduleRole : value instanceof Parameter ? parameterRole : undefined;
      if (role === undefined) checkCopy(nameOf(this), `"${property}"`, value);
      else if (Object.getOwnPropertyDescriptor(this, property)?.get === undefined) {
        hold(this, property, role, value);
      }
    }
    return list;
  }

  /** @internal */
  private $below(path: string, seen: Set<Module>, list: Below<Module>[] = []): Below<Module>[] {
    if (seen.has(this)) return list;
    seen.add(this);
    const properties = this.$properties();
    list.push({ path, module: this, properties });
    for (const [property, value] of properties) {
      if (value instanceof Module) value.$below(join(path, this.stateKey(property)), seen, list);
    }
    return list;
  }

  /** This module and all below it; throws if anything would be lost. @internal */
  private $tree(): Below<Module>[] {
    const list = this.$below("", new Set());
    checkContainers(list, moduleRole);
    return list;
  }

  /** The path to a module below this one. @internal */
  $pathTo(module: Named): string | undefined {
    return this.$below("", new Set()).find((at) => at.module === module)?.path;
  }

  /** Parameters with their paths, each tensor once. Gives every parameter its path as `name`. */
  *namedParameters(): IterableIterator<[name: string, parameter: Parameter]> {
    const seen = new Set<Tensor>();
    for (const { path, module, properties } of this.$tree()) {
      for (const [property, value] of properties) {
        if (!(value instanceof Parameter) || seen.has(value)) continue;
        seen.add(value);
        value.name = join(path, module.stateKey(property));
        yield [value.name, value];
      }
    }
  }

  /** All parameters, for an optimizer. */
  parameters(): Parameter[] {
    checkArguments("parameters", {}, arguments);
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** Buffers with their paths. */
  *namedBuffers(): IterableIterator<[name: string, buffer: Tensor]> {
    for (const { path, module } of this.$tree()) {
      for (const property of module.$buffers) {
        const value = (module as unknown as Record<string, unknown>)[property];
        if (value instanceof Tensor) yield [join(path, module.stateKey(property)), value];
      }
    }
  }

  /** Tensors that are saved but not trained. */
  buffers(): Tensor[] {
    checkArguments("buffers", {}, arguments);
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer);
  }

  /** Parameters and buffers by path. They share storage with the module: clone them to keep them. */
  stateDict(): StateDict {
    const state: StateDict = {};
    this.$tree();
    for (const [name, tensor] of this.$named()) state[name] = tensor.detach();
    return state;
  }

  /** Everything that is saved: a tensor in two places has two names, as in PyTorch. @internal */
  private *$named(prefix = ""): IterableIterator<[string, Tensor]> {
    const own = this.$properties();
    const path = (property: string) => join(prefix, this.stateKey(property));
    for (const [property, value] of own) if (value instanceof Parameter) yield [path(property), value];
    for (const [property, value] of own) {
      if (this.$buffers.has(property) && value instanceof Tensor) yield [path(property), value];
    }
    for (const [property, value] of own) {
      if (value instanceof Module) yield* value.$named(path(property));
    }
  }

  /**
   * Copies saved tensors, from any device that can be read synchronously, into parameters and buffers.
   *
   * @param options.strict whether names that are missing or unexpected are errors; true unless given
   * @throws ThalwegError that lists every difference, with nothing changed.
   */
  loadStateDict(state: StateDict, options: LoadOptions = {}): LoadReport {
    return this.prepareLoad(state, options)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: StateDict, options: LoadOptions = {}): () => LoadReport {
    checkArguments("loadStateDict", loadSignature, [state, options]);
    this.$tree();
    return prepareLoad(new Map(this.$named()), state, options.strict ?? true);
  }

  /** Sets the mode of this module and all below it: training unless given. */
  train(mode = true): this {
    checkArguments("train", { mode: boolean }, [mode]);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets evaluation mode: dropout returns its input, and statistics are not updated. */
  eval(): this {
    checkArguments("eval", {}, arguments);
    return this.train(false);
  }

  /** Clears all gradients. */
  zeroGrad(): void {
    checkArguments("zeroGrad", {}, arguments);
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Sets `requiresGrad` (true unless given) of all parameters: `requiresGrad_(false)` freezes them. */
  requiresGrad_(requiresGrad = true): this {
    checkArguments("requiresGrad_", { requiresGrad: boolean }, [requiresGrad]);
    for (const parameter of this.parameters()) parameter.requiresGrad = requiresGrad;
    return this;
  }

  /** Calls `visit` with every module below this one, and with this one last. */
  apply(visit: (module: Module) => void): this {
    checkArguments("apply", { visit: callback }, [visit]);
    for (const [, child] of this.namedChildren()) child.apply(visit);
    visit(this);
    return this;
  }

  /**
   * Moves parameters and buffers, and gradients with them, to a device (`"cpu"`, `"webgpu"`) or an element type
   * (`"float32"`, `"float64"`). The tensors keep their identity, so an optimizer goes on with them; its state
   * follows at the next step. Views of them, and an earlier `stateDict()`, stay where they were; a graph
   * that was recorded before can no longer be walked.
   *
   * @throws DeviceError when the device does not exist or cannot be read synchronously, with nothing moved.
   */
  to(target: string): this {
    checkArguments("to", { target: string }, [target]);
    const tensors = this.$tree().flatMap(({ module, properties }) =>
      properties
        .filter(([name, value]) => value instanceof Parameter || module.$buffers.has(name))
        .map(([, value]) => value),
    );
    moveAll(new Set(tensors.filter((value) => value instanceof Tensor)), target);
    return this;
  }

  /** The text between the brackets of `toString`. */
  protected extraRepr(): string {
    return "";
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    const children = [...this.namedChildren()].map(
      ([name, child]) => `  (${name}): ${child.toString().replaceAll("\n", "\n  ")}\n`,
    );
    const body = children.length === 0 ? this.extraRepr() : `\n${children.join("")}`;
    return `${nameOf(this)}(${body})`;
  }

  /** @internal Node's inspection prints the result of `toString`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const namedModulesSignature: Signature = {
  prefix: string,
  seen: /* @__PURE__ */ kind("a Set of modules", (value) => value instanceof Set),
};

const moduleRole: Role = {
  name: "module",
  remedy: "assign a Module, or null for none",
  fits: (value) => value instanceof Module,
};

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/**
 * The snake_case of a camelCase name, as PyTorch's keys are, for {@link Module.stateKey}.
 *
 * @example
 * snakeCase("weightIhL0Reverse"); // → "weight_ih_l0_reverse"
 */
export function snakeCase(name: string): string {
  checkArguments("snakeCase", { name: string }, [name]);
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A module from one tensor to another, as most layers are. */
export abstract class Layer extends Module {
  /** The result for one input. The comment of the class tells the shapes. */
  abstract override forward(x: Tensor): Tensor;
}
