import { Tensor, ThalwegError, type Unary } from "@thalweg/tensor";
import {
  checkCopy,
  copyMark,
  formatShape,
  otherCopy,
  prepareCopy,
  sameShape,
  spell,
  thisCopy,
} from "@thalweg/tensor/internal";
import { Parameter } from "./parameter";

/** Tensors by the path that leads to them: the {@link Module.stateKey keys} of properties, joined by dots. */
export type StateDict = Record<string, Tensor>;

/** What {@link Module.loadStateDict} found to be different. */
export interface LoadReport {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Options of {@link Module.loadStateDict}. */
export interface LoadOptions {
  /** Whether names that are missing or unexpected are errors; true unless given. */
  readonly strict?: boolean;
}

/**
 * A part of a model: parameters, buffers and other modules, kept in properties, and a `forward` that uses
 * them. What is assigned to a property is found by itself; nothing has to be registered but buffers.
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
  training = true;
  private readonly bufferNames = new Set<string>();

  /** @internal */
  get [copyMark](): object {
    return thisCopy;
  }

  abstract forward(...inputs: never[]): unknown;

  /** Keeps a tensor, in the property of this name, that is saved with the model but not trained. */
  protected registerBuffer<Name extends string>(name: Name, value: Tensor): Tensor {
    this.bufferNames.add(name);
    Object.assign(this, { [name]: value });
    return value;
  }

  /**
   * What a property is called in the paths of parameters, buffers and modules, and so in state dicts: as it is,
   * unless overridden. The layers of this library override it with {@link snakeCase}, since those are PyTorch's
   * keys: `runningMean` is saved as `running_mean`. Different properties must have different keys.
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

  /** Submodules by the key of their property. */
  *namedChildren(): Generator<[name: string, module: Module]> {
    for (const [property, value] of Object.entries(this)) {
      if (value instanceof Module) yield [this.stateKey(property), value];
      else checkCopy(this.constructor.name, `"${property}"`, value);
    }
  }

  /** This module and all below it, each once, with the path that leads to it. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[name: string, module: Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(join(prefix, name), seen);
  }

  /** This module and all below it. */
  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** Parameters with their paths, each tensor once. Gives every parameter its path as `name`. */
  *namedParameters(): Generator<[name: string, parameter: Parameter]> {
    const seen = new Set<Tensor>();
    for (const [prefix, module] of this.namedModules()) {
      for (const [property, value] of Object.entries(module)) {
        if (!(value instanceof Parameter) || seen.has(value)) continue;
        seen.add(value);
        value.name = join(prefix, module.stateKey(property));
        yield [value.name, value];
      }
    }
  }

  /** Everything that is trained, for an optimizer. */
  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** Buffers with their paths. */
  *namedBuffers(): Generator<[name: string, buffer: Tensor]> {
    for (const [prefix, module] of this.namedModules()) {
      for (const property of module.bufferNames) {
        const value = (module as unknown as Record<string, unknown>)[property];
        if (value instanceof Tensor) yield [join(prefix, module.stateKey(property)), value];
      }
    }
  }

  /** Tensors that are saved but not trained. */
  buffers(): Tensor[] {
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer);
  }

  /** Parameters and buffers by path. They share storage with the module: clone them to keep them. */
  stateDict(): StateDict {
    const state: StateDict = {};
    for (const [name, tensor] of this.named()) state[name] = tensor.detach();
    return state;
  }

  /** What is saved: a tensor that stands in two places has two names, as in PyTorch. */
  private *named(prefix = ""): Generator<[string, Tensor]> {
    const own = Object.entries(this);
    const path = (property: string) => join(prefix, this.stateKey(property));
    for (const [property, value] of own) if (value instanceof Parameter) yield [path(property), value];
    for (const [property, value] of own) {
      if (this.bufferNames.has(property) && value instanceof Tensor) yield [path(property), value];
    }
    for (const [name, child] of this.namedChildren()) yield* child.named(join(prefix, name));
  }

  /**
   * Copies saved tensors, of any device that can be read at once, into parameters and buffers.
   *
   * @param options.strict whether names that are missing or unexpected are errors; true unless given
   * @throws ThalwegError that lists every difference; nothing is changed then.
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
  prepareLoad(state: StateDict, { strict = true }: LoadOptions = {}): () => LoadReport {
    const own = new Map(this.named());
    const given = new Map(Object.entries(state ?? {}));
    const missing = [...own.keys()].filter((name) => !given.has(name));
    const unexpected = [...given.keys()].filter((name) => !own.has(name));
    const problems: string[] = [];
    if (strict) {
      for (const name of missing) problems.push(`"${name}" is missing`);
      for (const name of unexpected) problems.push(`"${name}" is unexpected`);
    }
    for (const [name, tensor] of own) {
      if (!given.has(name)) continue;
      const saved: unknown = given.get(name);
      if (!(saved instanceof Tensor))
        problems.push(`"${name}" is ${otherCopy(saved) ?? `${spell(saved)}, not a tensor`}`);
      else if (!sameShape(saved.shape, tensor.shape)) {
        problems.push(`"${name}" has shape ${formatShape(saved.shape)}, not ${formatShape(tensor.shape)}`);
      }
    }
    if (problems.length > 0) {
      throw new ThalwegError(
        "loadStateDict",
        `the state does not fit, ${problems.join(", ")}`,
        "build the model as it was when it was saved, or pass { strict: false } for other names",
      );
    }
    const storages = new Set(Array.from(own.values(), ({ storage }) => storage));
    const writes = [...own].flatMap(([name, tensor]) => {
      const saved = given.get(name);
      if (saved === undefined) return [];
      const isWritten = saved.storage !== tensor.storage && storages.has(saved.storage);
      return prepareCopy("loadStateDict", tensor, saved, isWritten);
    });
    return () => {
      for (const write of writes) write();
      return { missing, unexpected };
    };
  }

  /** Sets the mode of this module and all below it. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets the mode for use: dropout passes everything, statistics are not updated. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Whether the parameters are trained: `requiresGrad_(false)` freezes them. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = requiresGrad;
    return this;
  }

  /** Calls `visit` with every module below this one, and with this one last. */
  apply(visit: (module: Module) => void): this {
    for (const [, child] of this.namedChildren()) child.apply(visit);
    visit(this);
    return this;
  }

  /**
   * Moves parameters and buffers to a device or an element type. Parameters become new tensors: make the
   * optimizer afterwards.
   */
  to(target: string): this {
    const moved = new Map<Tensor, Tensor>();
    const move = (value: Tensor): Tensor => {
      const there = value.detach().to(target);
      if (there.storage === value.storage) return value;
      return value instanceof Parameter ? new Parameter(there, value.requiresGrad) : there;
    };
    for (const module of this.modules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof Parameter || (value instanceof Tensor && module.bufferNames.has(name))))
          continue;
        const there = moved.get(value) ?? move(value);
        moved.set(value, there);
        if (there !== value) Object.assign(module, { [name]: there });
      }
    }
    return this;
  }

  /** What stands between the brackets in `toString`. */
  protected extraRepr(): string {
    return "";
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    const children = [...this.namedChildren()].map(
      ([name, child]) => `  (${name}): ${child.toString().replaceAll("\n", "\n  ")}\n`,
    );
    const body = children.length === 0 ? this.extraRepr() : `\n${children.join("")}`;
    return `${this.constructor.name}(${body})`;
  }

  /** @internal Node's inspection prints what `toString` gives. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/**
 * A name in camelCase as PyTorch writes it, for {@link Module.stateKey}.
 *
 * @example
 * snakeCase("weightIhL0Reverse"); // → "weight_ih_l0_reverse"
 */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A module from one tensor to another, as most layers are. */
export abstract class Layer extends Module {
  abstract override forward(x: Tensor): Tensor;

  /**
   * The class of the library whose `forward` this is, if it keeps neither what it is given nor what it
   * returns: then a container may give back what passes between such layers. @internal
   */
  protected get transparentAs(): unknown {
    return undefined;
  }

  /** Whether the `forward` of this very layer is one that keeps nothing. @internal */
  get isTransparent(): boolean {
    const { transparentAs } = this;
    return (
      transparentAs !== undefined && transparentAs === this.constructor && !Object.hasOwn(this, "forward")
    );
  }

  /** The operation on single elements that this layer is, if it is one. @internal */
  get elementwise(): Unary | null {
    return null;
  }
}
