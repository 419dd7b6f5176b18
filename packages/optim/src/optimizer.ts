import { enableGrad } from "@thalweg/autograd";
import { ArgumentError, fullLike, ShapeError, Tensor, ThalwegError } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  describe,
  formatShape,
  isOfKind,
  optional,
  options as optionsOf,
  recorder,
  renamed,
  sameShape,
} from "@thalweg/tensor/internal";
import { type CheckedGroup, defined, type OptionRules } from "./options";
import { itemsOf, type ParameterInput, parametersOf } from "./parameters";
import type { Numbers } from "./rule";
import { type OptimizerStateDict, prepareLoad, stateDict } from "./state-dict";

/** Parameters, or a single one, with options of their own; the optimizer's options apply where these are missing. */
export type GroupInput<O> = { readonly params: ParameterInput | Tensor } & Partial<O>;

/** Parameters and the options they are updated with, which may be changed at any time. */
export type ParameterGroup<O> = O & { params: Tensor[] };

/** The state of one parameter. */
export interface ParameterState {
  /** Number of updates so far. */
  step: number;
  /** Other numbers that the rule keeps; empty for most. */
  numbers: Record<string, number>;
  tensors: Record<string, Tensor>;
}

/** A class made by `defineOptimizer`. */
export interface OptimizerClass<O, Instance = Optimizer<O>> {
  new (params: ParameterInput | readonly GroupInput<O>[], options?: Partial<O>): Instance;
  /** Its name in the registry. */
  readonly optimizerName: string;
  readonly defaults: O;
}

/** A rule's declaration, as the shell needs it. */
export interface Description<O> {
  readonly name: string;
  /** Name of the class, for errors and printing. */
  readonly title: string;
  readonly options: OptionRules<O>;
  readonly fits: (param: Tensor) => string | undefined;
  readonly numbers: Numbers;
  readonly validateNumbers: (numbers: Numbers, first: Numbers) => string | undefined;
  readonly state: (options: O, numbers: Numbers) => Iterable<string>;
  readonly initial: (name: string, options: O) => number;
}

/**
 * The shell around every update rule: it owns the parameter groups, their state and their step counts,
 * and skips parameters without a gradient.
 */
export abstract class Optimizer<O = object> {
  /** Groups with their options; assign to an option (`paramGroups[0].lr = 0.01`) to change it from the next step on. */
  readonly paramGroups: ParameterGroup<O>[] = [];
  /** State by parameter, created at a parameter's first update. It follows the parameter to another device at the next one. */
  readonly state: Map<Tensor, ParameterState> = new Map();
  /** @internal */
  readonly description: Description<O>;
  /** Names that came with the parameters. @internal */
  readonly names: Map<Tensor, string> = new Map();

  /** `options` apply to all groups without their own; unless given, they are the defaults of the rule. @internal */
  constructor(
    description: Description<O>,
    params: ParameterInput | readonly GroupInput<O>[],
    options: Partial<O> = {},
  ) {
    if (new.target === Optimizer) {
      throw new ArgumentError(
        "Optimizer",
        "has no rule",
        "use one that has, such as SGD, or defineOptimizer",
      );
    }
    const { title, options: rules } = description;
    this.description = description;
    rules.checkGiven(title, params, options);
    this.defaults = { ...rules.defaults, ...defined(options) };
    const given = itemsOf(title, params);
    if (given.length === 0) {
      throw new ThalwegError(
        title,
        "there are no parameters",
        "pass model.parameters() of a model that has some",
      );
    }
    const groups = given.every(isGroup) ? given : [{ params: given }];
    for (const group of groups) this.add(title, group as GroupInput<O>);
  }

  /**
   * Moves the parameters, which have their gradients.
   *
   * @param loss the result of the closure, if there is one
   */
  protected abstract advance(loss: unknown, closure?: () => unknown): void;

  /** Name of the rule. */
  get name(): string {
    return this.description.name;
  }

  /**
   * Adds parameters, with options that differ from those of the optimizer.
   *
   * @throws ThalwegError when an option or a parameter does not fit, with nothing added.
   */
  addParamGroup(group: GroupInput<O>): void {
    const op = this.op("addParamGroup");
    this.description.options.checkGroup(op, group);
    this.add(op, group);
  }

  /** The beginning of a method's errors. */
  private op(method: string): string {
    return `${this.description.title}.${method}`;
  }

  /** Adds a group, with errors under the name of the called function. @internal */
  protected add(op: string, { params, ...own }: GroupInput<O>): void {
    const { options, fits } = this.description;
    options.checkGiven(op, params, own);
    const group = {
      ...structuredClone({ ...this.defaults, ...defined(own) }),
      params: [] as Tensor[],
    } as ParameterGroup<O>;
    const problem = options.problem(group);
    if (problem !== undefined) throw new ThalwegError(op, problem, "change one of these options");
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    const found = parametersOf(op, params instanceof Tensor ? [params] : itemsOf(op, params));
    for (const [label, tensor] of found) {
      const title = label === undefined ? `of shape ${formatShape(tensor.shape)}` : `"${label}"`;
      const refuse = (what: string, remedy: string) => {
        throw new ThalwegError(op, `the parameter ${title} ${what}`, remedy, [tensor.shape]);
      };
      if (!tensor.isLeaf) refuse("was computed", "only leaves can be optimized: detach() it");
      if (known.has(tensor)) refuse("was given twice", "name each once");
      const misfit = fits(tensor);
      if (misfit !== undefined) refuse(misfit, "give it to another optimizer, such as AdamW");
      known.add(tensor);
    }
    for (const [label, tensor] of found) {
      group.params.push(tensor);
      if (label !== undefined) this.names.set(tensor, label);
    }
    this.paramGroups.push(group);
  }

  /**
   * Clears the gradients of all parameters.
   *
   * @param options.setToNone false fills them with zeros instead; true unless given.
   */
  zeroGrad(options?: { readonly setToNone?: boolean }): void {
    if (options !== undefined) {
      checkArguments(this.op("zeroGrad"), { options: optionsOf({ setToNone: boolean }) }, [options]);
    }
    const setToNone = options?.setToNone ?? true;
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (setToNone || param.gradient === null) param.grad = null;
        else param.grad = fullLike(param, 0);
      }
    }
  }

  /**
   * Updates every parameter that has a gradient.
   *
   * @throws ThalwegError before anything is written when an option of a group or a gradient does not fit.
   */
  step(): undefined;
  /**
   * Updates every parameter, for methods that evaluate the loss themselves.
   *
   * @param closure recomputes the loss (and calls `backward`), for methods that need it; `step` returns its result
   * @throws ThalwegError before anything is written when an option of a group or a gradient does not fit.
   */
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | undefined {
    this.checkOptions();
    recorder?.steps(this.paramGroups, () => this.checkOptions());
    if (closure === undefined) {
      this.checkGradients();
      this.advance(undefined);
      return undefined;
    }
    checkArguments(this.op("step"), { closure: optional(callback) }, [closure]);
    const result = this.evaluate(closure);
    // The closure may have changed an option.
    this.checkOptions();
    this.checkGradients();
    this.advance(result, closure);
    return result;
  }

  /** The closure's result, computed with recording on. @internal */
  protected evaluate<T>(closure: () => T): T {
    let isBack = false;
    try {
      return enableGrad(() => {
        const result = closure();
        isBack = true;
        return result;
      });
    } catch (error) {
      // Errors of the closure are left as they are.
      throw isBack ? renamed(error, this.op("step")) : error;
    }
  }

  private checkOptions(): void {
    const { options, title } = this.description;
    options.checkGroups(title, this.paramGroups, this.checked);
  }

  /** Throws before anything is written when a gradient that was set by hand does not fit. */
  private checkGradients(): void {
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        recorder?.gradient(param);
        const { gradient: grad, layout } = param;
        if (grad === null || (sameShape(grad.layout.shape, layout.shape) && isOfKind(grad, param))) continue;
        const [a, b] = [grad, param].map(({ dtype, shape }) => `${dtype} ${formatShape(shape)}`);
        throw new ShapeError(
          this.op("step"),
          `a gradient does not fit its parameter, ${a} and ${b}`,
          "assign a gradient of the parameter's shape and type",
          [grad.shape, layout.shape],
        );
      }
    }
  }

  /** The state of a parameter, with the tensors that the options call for. */
  protected stateOf(param: Tensor, options: O): ParameterState {
    const known = this.state.get(param);
    const state = known ?? { step: 0, numbers: { ...this.description.numbers }, tensors: {} };
    const { tensors } = state;
    for (const name of this.description.state(options, state.numbers)) {
      const found = tensors[name];
      if (found !== undefined && isOfKind(found, param)) continue;
      // The state follows a parameter that its module has moved.
      const made =
        found?.to(param.dtype).to(param.device) ?? fullLike(param, this.description.initial(name, options));
      tensors[name] = made;
      recorder?.kept(made.storage);
    }
    if (known === undefined) {
      this.state.set(param, state);
      recorder?.states(this.state, param);
    }
    return state;
  }

  /**
   * Options, step counts and state tensors, by name of the parameter. Anything else that a program keeps in its groups
   * is left out, and so is the state of parameters that are no longer in a group.
   *
   * @param options.copy whether the tensors are copies; true unless given. Otherwise they are the optimizer's own.
   * @throws ThalwegError when an option of a group has a value that could not be loaded.
   */
  stateDict(options: { readonly copy?: boolean } = {}): OptimizerStateDict {
    const op = this.op("stateDict");
    checkArguments(op, { options: optionsOf({ copy: boolean }) }, [options]);
    return stateDict(op, this, options.copy ?? true);
  }

  /**
   * Loads a saved state.
   *
   * @throws ThalwegError that lists everything that does not fit, with nothing changed.
   */
  loadStateDict(saved: OptimizerStateDict): void {
    this.prepareLoad(saved)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(saved: OptimizerStateDict): () => void {
    return prepareLoad(this.op("loadStateDict"), this, saved);
  }

  /**
   * The name of the class, and the options of each group.
   *
   * @example
   * String(new SGD([tensor([1])], { lr: 0.5 })).split("\n").slice(0, 3); // → ["SGD (","Parameter Group 0","    dampening: 0"]
   */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const entries = Object.entries(group).filter(([name]) => name !== "params");
      const lines = entries.sort().map(([name, value]) => `    ${name}: ${describe(value)}\n`);
      return `Parameter Group ${i}\n${lines.join("")}`;
    });
    return `${this.description.title} (\n${groups.join("\n")})`;
  }

  private readonly defaults: O;
  /** The options of the groups, as `step` has checked them. @internal */
  protected readonly checked: CheckedGroup[] = [];

  /** @internal Node's inspection prints the result of `toString`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function isGroup(item: unknown): boolean {
  return typeof item === "object" && item !== null && "params" in item;
}
