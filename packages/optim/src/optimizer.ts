import { enableGrad } from "@thalweg/autograd";
import { fullLike, ShapeError, Tensor, ThalwegError } from "@thalweg/tensor";
import { checkCopy, formatShape, sameShape } from "@thalweg/tensor/internal";
import { checkOptions, defaultsOf, type Limits, type Options } from "./options";
import type { Numbers } from "./rule";
import { type OptimizerStateDict, prepareLoad, stateDict } from "./state-dict";

/** Parameters with options of their own; missing options are those of the optimizer. */
export type GroupInput<O> = { readonly params: ParameterInput } & Partial<O>;

/** Tensors, or pairs of name and tensor, as `model.parameters()` and `model.namedParameters()` give them. */
export type ParameterInput = Iterable<Tensor> | Iterable<readonly [name: string, tensor: Tensor]>;

/** Parameters and the options they are updated with, which may be changed at any time. */
export type ParameterGroup<O> = O & { params: Tensor[] };

/** What is kept for one parameter. */
export interface ParameterState {
  /** Number of updates so far. */
  step: number;
  /** What the rule counts besides; empty for most. */
  numbers: Record<string, number>;
  tensors: Record<string, Tensor>;
}

/** What a class made by `defineOptimizer` looks like. */
export interface OptimizerClass<O> {
  new (params: ParameterInput | readonly GroupInput<O>[], options?: Partial<O>): Optimizer<O>;
  /** Its name in the registry. */
  readonly optimizerName: string;
  readonly defaults: O;
}

/** What a rule declares, for the shell. @internal */
export interface Description<O> {
  readonly name: string;
  readonly declared: Options;
  readonly limits: Limits<O>;
  readonly validate: (options: O) => string | undefined;
  readonly fits: (param: Tensor) => string | undefined;
  readonly numbers: Numbers;
  readonly validateNumbers: (numbers: Numbers, first: Numbers) => string | undefined;
  readonly state: (options: O, numbers: Numbers) => Iterable<string>;
  readonly initial: (name: string, options: O) => number;
}

/**
 * The shell around every update rule: it owns the groups of parameters, their state and their step counts,
 * and skips parameters without a gradient.
 */
export abstract class Optimizer<O = object> {
  /** Groups with their options; assign to an option (`paramGroups[0].lr = 0.01`) to change it from the next step on. */
  readonly paramGroups: ParameterGroup<O>[] = [];
  /** State by parameter; filled at a parameter's first update, and where the parameter is from the next one on. */
  readonly state: Map<Tensor, ParameterState> = new Map();
  /** @internal */
  readonly description: Description<O>;
  /** Names that came with the parameters. @internal */
  readonly names: Map<Tensor, string> = new Map();
  private readonly defaults: O;

  constructor(
    description: Description<O>,
    params: ParameterInput | readonly GroupInput<O>[],
    options: Partial<O> = {},
  ) {
    this.description = description;
    this.check(options);
    this.defaults = { ...(defaultsOf(description.declared) as O), ...options };
    const given = [...(params as Iterable<unknown>)];
    if (given.length === 0) {
      throw new ThalwegError(
        description.name,
        "there are no parameters",
        "pass model.parameters() of a model that has some",
      );
    }
    const groups = given.every(isGroup)
      ? (given as GroupInput<O>[])
      : [{ params: given } as unknown as GroupInput<O>];
    for (const group of groups) this.addParamGroup(group);
  }

  /**
   * Moves the parameters, once their gradients are there.
   *
   * @param loss what the closure gave, if there is one
   */
  protected abstract advance(loss: unknown, closure?: () => unknown): void;

  /** Name of the rule. */
  get name(): string {
    return this.description.name;
  }

  private check(options: object): void {
    const { name, declared, limits } = this.description;
    checkOptions(name, options, declared, limits as Limits<Options>);
  }

  /** Adds parameters, with options that differ from those of the optimizer. */
  addParamGroup({ params, ...options }: GroupInput<O>): void {
    const { name, validate, fits } = this.description;
    this.check(options);
    const group = { ...structuredClone({ ...this.defaults, ...options }), params: [] } as ParameterGroup<O>;
    const problem = validate(group);
    if (problem !== undefined) throw new ThalwegError(name, problem, "change one of these options");
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    for (const item of params) {
      const [label, tensor] = item instanceof Tensor ? [item.name, item] : Array.isArray(item) ? item : [];
      if (!(tensor instanceof Tensor)) {
        checkCopy(name, "a parameter", tensor ?? item);
        throw new ThalwegError(
          name,
          "a parameter is not a tensor",
          "pass tensors, or pairs of name and tensor",
        );
      }
      const title = label === undefined ? `of shape ${formatShape(tensor.shape)}` : `"${label}"`;
      if (!tensor.isLeaf) {
        throw new ThalwegError(
          name,
          `the parameter ${title} was computed`,
          "only leaves can be optimized: detach() it",
          [tensor.shape],
        );
      }
      if (known.has(tensor)) {
        throw new ThalwegError(name, `the parameter ${title} was given twice`, "name each once", [
          tensor.shape,
        ]);
      }
      const misfit = fits(tensor);
      if (misfit !== undefined) {
        throw new ThalwegError(
          name,
          `the parameter ${title} ${misfit}`,
          "give it to another optimizer, such as AdamW",
          [tensor.shape],
        );
      }
      known.add(tensor);
      group.params.push(tensor);
      if (label !== undefined) this.names.set(tensor, label);
    }
    this.paramGroups.push(group);
  }

  /** Forgets the gradients of all parameters; with `setToNone: false`, fills them with zeros instead. */
  zeroGrad({ setToNone = true }: { readonly setToNone?: boolean } = {}): void {
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
   * @param closure computes the loss anew (and calls `backward`), for methods that need it; its result is returned
   */
  step(): undefined;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | undefined {
    const result = closure === undefined ? undefined : enableGrad(closure);
    this.checkGradients();
    this.advance(result, closure);
    return result;
  }

  /** Throws before anything is written when a gradient that was set by hand does not fit. */
  private checkGradients(): void {
    for (const { params } of this.paramGroups) {
      for (const { gradient: grad, layout, storage, shape } of params) {
        if (
          grad === null ||
          (sameShape(grad.layout.shape, shape) && grad.storage.backend === storage.backend)
        )
          continue;
        const [a, b] = [
          `${grad.dtype} ${formatShape(grad.shape)}`,
          `${storage.backend.dtype} ${formatShape(shape)}`,
        ];
        throw new ShapeError(
          this.name,
          `a gradient does not fit its parameter, ${a} and ${b}`,
          "assign a gradient of the parameter's shape and type",
          [grad.shape, layout.shape],
        );
      }
    }
  }

  /** The state of a parameter, with the tensors that the options call for. */
  protected stateOf(param: Tensor, options: O): ParameterState {
    let state = this.state.get(param);
    if (state === undefined) {
      state = { step: 0, numbers: { ...this.description.numbers }, tensors: {} };
      this.state.set(param, state);
    }
    const { tensors } = state;
    for (const name of this.description.state(options, state.numbers)) {
      const found = tensors[name];
      if (found === undefined) tensors[name] = fullLike(param, this.description.initial(name, options));
      // A parameter that its module moved takes its state along.
      else if (found.storage.backend !== param.storage.backend) {
        tensors[name] = found.to(param.dtype).to(param.device);
      }
    }
    return state;
  }

  /**
   * Options, step counts and state tensors, by name of the parameter. What else a program keeps in its groups
   * is not part of it, and neither is the state of parameters that are in no group any more.
   *
   * @param options.copy whether the tensors are copies; true unless given. Otherwise they are those that are updated.
   * @throws ThalwegError when an option of a group has a value that could not be loaded.
   */
  stateDict({ copy = true }: { readonly copy?: boolean } = {}): OptimizerStateDict {
    return stateDict(this, copy);
  }

  /**
   * Goes on from a saved state.
   *
   * @throws ThalwegError that lists everything that does not fit; nothing is changed then.
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
    return prepareLoad(this, saved);
  }
}

function isGroup(item: unknown): boolean {
  return typeof item === "object" && item !== null && "params" in item && !(item instanceof Tensor);
}
