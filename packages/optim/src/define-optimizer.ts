import { noGrad } from "@thalweg/autograd";
import {
  type CompactProgram,
  compact,
  type Expr,
  ExprPool,
  type Input,
  internal,
  type Tensor,
  updateInPlace,
} from "@thalweg/tensor";
import { Optimizer, type OptimizerClass, type ParameterState } from "./optimizer";
import type { Limits, Options, OptionValue, Widen } from "./options";

type SymbolicValue<V> = V extends boolean
  ? boolean
  : V extends number
    ? Expr
    : { readonly [I in keyof V]: Expr };

/** Numbers of the options as scalar expressions; booleans stay what they are. */
type Symbolic<O> = { readonly [K in keyof O]: SymbolicValue<O[K]> };

/** State that is always there, or that options call for and that may be missing. */
type StateNames<O> = readonly string[] | ((options: O) => readonly string[]);

type NameOf<S> = S extends readonly (infer N)[]
  ? N
  : S extends (options: never) => readonly (infer N)[]
    ? N
    : never;

/** The state of one parameter: missing tensors are possible only where options decide. */
type StateOf<S, T> = S extends readonly string[]
  ? { readonly [N in NameOf<S> & string]: T }
  : { readonly [N in NameOf<S> & string]?: T };

interface Common<O, S> {
  /** Its name in the registry and in state dicts. */
  readonly name: string;
  /** All options with their defaults: numbers, booleans, or pairs of numbers. */
  readonly options: O;
  /** What each numeric option may be; any finite number unless given. */
  readonly limits?: Limits<O>;
  /** Says what is wrong with options that do not go together; nothing when they do. */
  readonly validate?: (options: Widen<O>) => string | undefined;
  /** Names of the tensors that are kept for each parameter, in its shape. */
  readonly state: S;
  /** What the state starts from; 0 unless given. */
  readonly initial?: (name: NameOf<S> & string, options: Widen<O>) => number;
}

/** The new value of the parameter and of what state there is. */
type Updated<S, T> = { readonly param: T } & { readonly [N in NameOf<S> & string]?: T };

/** A rule for each element by itself: becomes one kernel over parameter, gradient and state. */
export interface PointwiseRule<O, S> extends Common<O, S> {
  /**
   * New values from old ones, as scalar expressions. `step` counts the updates of the parameter from 1 on.
   * Called once for each combination of booleans and state, not at every step.
   */
  update(
    values: { readonly param: Expr; readonly grad: Expr } & StateOf<S, Expr>,
    options: Symbolic<Widen<O>> & { readonly step: Expr },
  ): Updated<S, Expr>;
}

/** A rule that needs whole tensors: norms, matrices. Nothing in it is recorded. */
export interface TensorRule<O, S> extends Common<O, S> {
  updateTensor(
    values: { readonly param: Tensor; readonly grad: Tensor } & StateOf<S, Tensor>,
    options: Widen<O> & { readonly step: number },
  ): Updated<S, Tensor>;
}

/**
 * Makes an optimizer of its update rule. Everything else is taken care of: parameter groups, state, step
 * counts, missing gradients, schedules, saving and resuming.
 *
 * @example
 * const SignSGD = defineOptimizer({
 *   name: "signSgd",
 *   options: { lr: 0.01 },
 *   state: [],
 *   update: ({ param, grad }, { lr }) => ({ param: param.sub(grad.sign().mul(lr)) }),
 * });
 * const w = tensor([1, -1], { requiresGrad: true });
 * w.square().sum().backward();
 * new SignSGD([w], { lr: 0.5 }).step();
 * w.toArray(); // → [0.5,-0.5]
 */
export function defineOptimizer<const O extends Options, const S extends StateNames<Widen<O>>>(
  rule: PointwiseRule<O, S> | TensorRule<O, S>,
): OptimizerClass<Widen<O>> {
  const names = (options: Widen<O>): readonly string[] =>
    typeof rule.state === "function" ? rule.state(options) : (rule.state as readonly string[]);
  const description = {
    name: rule.name,
    defaults: rule.options as unknown as Widen<O>,
    limits: (rule.limits ?? {}) as Limits<Widen<O>>,
    validate: rule.validate ?? (() => undefined),
    state: names,
    initial: (rule.initial ?? (() => 0)) as (name: string, options: Widen<O>) => number,
  };
  const update = "update" in rule ? fused(rule, names) : whole(rule);
  class Defined extends Optimizer<Widen<O>> {
    static readonly optimizerName = rule.name;
    static readonly defaults = description.defaults;
    constructor(params: ConstructorParameters<OptimizerClass<Widen<O>>>[0], options?: Partial<Widen<O>>) {
      super(description, params, options);
    }
    protected override update(param: Tensor, grad: Tensor, state: ParameterState, options: Widen<O>): void {
      update(param, grad, state, options);
    }
  }
  Object.defineProperty(Defined, "name", { value: rule.name });
  return Defined;
}

type Update<O> = (param: Tensor, grad: Tensor, state: ParameterState, options: O) => void;

/** One kernel for each combination of booleans and state; numbers are handed to it at every step. */
function fused<O extends Options, S>(
  rule: PointwiseRule<O, S>,
  names: (o: Widen<O>) => readonly string[],
): Update<Widen<O>> {
  const switches = Object.keys(rule.options).filter((name) => typeof rule.options[name] === "boolean");
  const numbers = Object.keys(rule.options).filter((name) => typeof rule.options[name] !== "boolean");
  const states: string[] = [];
  const programs = new Map<number, CompactProgram>();
  return (param, grad, state, options) => {
    const values = options as Readonly<Record<string, OptionValue>>;
    const present = names(options);
    let key = 0;
    for (let i = 0; i < switches.length; i++) if (values[switches[i]!]) key |= 1 << i;
    const targets = [param];
    const inputs: Input[] = [param, grad];
    for (const name of present) {
      if (!states.includes(name)) states.push(name);
      key |= 1 << (switches.length + states.indexOf(name));
      targets.push(state.tensors[name]!);
      inputs.push(state.tensors[name]!);
    }
    for (let i = 0; i < numbers.length; i++) {
      const value = values[numbers[i]!]!;
      if (typeof value === "number") inputs.push(value);
      else inputs.push(...(value as readonly number[]));
    }
    inputs.push(state.step);
    let traced = programs.get(key);
    if (traced === undefined) {
      traced = traceRule(rule, options, present);
      programs.set(key, traced);
    }
    const { program, slots } = traced;
    const operands = new Array<Input>(slots.length);
    for (let i = 0; i < slots.length; i++) operands[i] = inputs[slots[i]!]!;
    updateInPlace(program, targets, operands);
  };
}

function traceRule<O extends Options, S>(
  rule: PointwiseRule<O, S>,
  options: Widen<O>,
  present: readonly string[],
): CompactProgram {
  const pool = new ExprPool();
  let count = 0;
  const next = () => pool.input(count++);
  const values: Record<string, Expr> = { param: next(), grad: next() };
  for (const name of present) values[name] = next();
  const symbolic: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rule.options)) {
    if (typeof value === "boolean") symbolic[name] = options[name as keyof typeof options];
    else symbolic[name] = typeof value === "number" ? next() : value.map(next);
  }
  symbolic.step = next();
  const updated = rule.update(values as never, symbolic as never) as Record<string, Expr | undefined>;
  const outputs = ["param", ...present].map((name) => {
    const value = updated[name];
    if (value === undefined) throw internal(`the rule of ${rule.name} returned no new ${name}`);
    return pool.expr(value);
  });
  return compact(rule.name, outputs);
}

function whole<O extends Options, S>(rule: TensorRule<O, S>): Update<Widen<O>> {
  return (param, grad, state, options) => {
    grad.storage.expose();
    noGrad(() => {
      const values = { param, grad, ...state.tensors };
      const updated = rule.updateTensor(values as never, { ...options, step: state.step }) as Record<
        string,
        Tensor
      >;
      for (const [name, tensor] of Object.entries({ param, ...state.tensors })) {
        if (updated[name] !== undefined) tensor.copy_(updated[name]);
      }
    });
  };
}
