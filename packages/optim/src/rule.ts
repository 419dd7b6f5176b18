import { ArgumentError, type Expr, type Tensor } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  describe,
  either,
  finite,
  type Kind,
  kind,
  list,
  oneOf,
  options as optionsOf,
  required,
  type Signature,
} from "@thalweg/tensor/internal";
import type { Description } from "./optimizer";
import { type Limits, OptionRules, type Options, type Widen } from "./options";

/** One option as {@link SymbolicOptions} has it. */
export type SymbolicOption<V> = V extends boolean | string | null
  ? V
  : V extends number
    ? Expr
    : { readonly [I in keyof V]: Expr };

/** Numbers of the options as scalar expressions; everything else stays what it is. */
export type SymbolicOptions<O> = { readonly [K in keyof O]: SymbolicOption<O[K]> };

/** State that is always there, or that options call for and that may be missing. */
export type StateNames<O> = readonly string[] | ((options: O) => readonly string[]);

/** The names of the state that a rule declares. */
export type StateNameOf<S> = S extends readonly (infer N)[]
  ? N
  : S extends (options: never) => readonly (infer N)[]
    ? N
    : never;

/** The state of one parameter: missing tensors are possible only where options decide. */
export type RuleState<S, T> = S extends readonly string[]
  ? { readonly [N in StateNameOf<S> & string]: T }
  : { readonly [N in StateNameOf<S> & string]?: T };

/** Numbers that are kept for each parameter, by name. */
export type Numbers = { readonly [name: string]: number };

/** The numbers of one parameter, each of type `T`; none where the rule declares none. */
export type RuleNumbers<N, T> = string extends keyof N ? unknown : { readonly [K in keyof N]: T };

/** What is declared of every optimizer, whatever its rule. */
export interface Declaration<O> {
  /** Its name in the registry and in state dicts. */
  readonly name: string;
  /** The name of its class, in errors and texts: `name` unless given. */
  readonly className?: string;
  /**
   * All options with their defaults: numbers, booleans, several numbers, or null for a number that may be
   * missing. `["first", "second"]` is an option that is one of these names, the first unless given.
   */
  readonly options: O;
  /** What each numeric option may be; any finite number unless given. */
  readonly limits?: Limits<O>;
  /** Says what is wrong with options that do not go together; nothing when they do. All do unless it is given. */
  readonly validate?: (options: Widen<O>) => string | undefined;
  /**
   * Says what is wrong with the numbers of a parameter as they come from a file, which may be any finite ones other
   * than those it starts from, beside the first such numbers there; nothing when a run can go on from them.
   * It can with all of them unless this is given.
   */
  readonly validateNumbers?: (numbers: Numbers, first: Numbers) => string | undefined;
  /** Says what is wrong with a parameter that the rule is not for ("has no rows"); nothing when it is. It is for all unless this is given. */
  readonly fits?: (param: Tensor) => string | undefined;
}

/** What is declared of every rule that computes new values from old ones. */
export interface UpdateRule<O, S, N> extends Declaration<O> {
  /** Names of the tensors that are kept for each parameter, in its shape. */
  readonly state: S;
  /** What the state starts from; 0 unless given. */
  readonly initial?: (name: StateNameOf<S> & string, options: Widen<O>) => number;
  /** Numbers that are kept for each parameter, with what they start from: products of rates, for example. None unless given. */
  readonly numbers?: N;
  /**
   * Their next values, before each update: from the last ones, the options and the number of the step. They stay what
   * they are unless this is given.
   */
  readonly advance?: (numbers: N, options: Widen<O> & { readonly step: number }) => N;
}

/** The new value of the parameter and of what state there is. */
export type UpdatedValues<S, T> = { readonly param: T } & { readonly [N in StateNameOf<S> & string]?: T };

/** A rule for each element by itself: becomes one kernel over parameter, gradient and state. */
export interface PointwiseRule<O, S, N = Numbers> extends UpdateRule<O, S, N> {
  /**
   * New values from old ones, as scalar expressions. `step` counts the updates of the parameter from 1 on.
   * Called once for each combination of booleans, names and state, not at every step.
   */
  update(
    values: { readonly param: Expr; readonly grad: Expr } & RuleState<S, Expr> & RuleNumbers<N, Expr>,
    options: SymbolicOptions<Widen<O>> & { readonly step: Expr },
  ): UpdatedValues<S, Expr>;
}

/** A rule that needs whole tensors: norms, matrices. Nothing in it is recorded. */
export interface TensorRule<O, S, N = Numbers> extends UpdateRule<O, S, N> {
  /** New values from old ones: other tensors, or the old ones, written to in place. */
  updateTensor(
    values: { readonly param: Tensor; readonly grad: Tensor } & RuleState<S, Tensor> & RuleNumbers<N, number>,
    options: Widen<O> & { readonly step: number },
  ): UpdatedValues<S, Tensor>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object whose members are all of a kind. */
const record = (of: Kind): Kind =>
  kind(
    `an object, each member ${of.must}`,
    (value) => isRecord(value) && Object.values(value).every(of.accepts),
  );

const text = /* @__PURE__ */ kind("a name", (value) => typeof value === "string" && value !== "");
const names = /* @__PURE__ */ list(text);
const choices = /* @__PURE__ */ list(/* @__PURE__ */ either(text, /* @__PURE__ */ oneOf(null)));
const option = /* @__PURE__ */ either(
  finite,
  boolean,
  /* @__PURE__ */ oneOf(null),
  /* @__PURE__ */ list(finite),
  choices,
);
const limit = /* @__PURE__ */ optionsOf({
  min: finite,
  above: finite,
  max: finite,
  below: finite,
  whole: boolean,
});

/** What a rule is declared by, besides what makes it one of its kind. */
const common: Signature = {
  name: /* @__PURE__ */ required(text),
  className: text,
  options: /* @__PURE__ */ required(/* @__PURE__ */ record(option)),
  limits: /* @__PURE__ */ record(limit),
  validate: callback,
  validateNumbers: callback,
  fits: callback,
  numbers: /* @__PURE__ */ record(finite),
};

/** The parts of a rule for each parameter, which has either `update` or `updateTensor`. */
export const updateParts: Signature = {
  state: /* @__PURE__ */ required(/* @__PURE__ */ either(names, callback)),
  initial: callback,
  advance: callback,
  update: callback,
  updateTensor: callback,
};

/** The parts of a rule for all parameters together. */
export const searchParts: Signature = {
  state: /* @__PURE__ */ required(callback),
  search: /* @__PURE__ */ required(callback),
};

/** Options that would hide what groups and rules have under these names. */
const reserved = ["params", "step"];

/** What the shell has to know of a declaration; throws where it is none. */
export function descriptionOf<O extends Options>(
  op: string,
  rule: Declaration<O>,
  parts: Signature,
  rest: () => Pick<Description<Widen<O>>, "state" | "initial" | "numbers">,
): Description<Widen<O>> {
  checkArguments(op, { rule: optionsOf({ ...common, ...parts }) }, [rule]);
  const { name, className = name, limits = {} } = rule;
  const refuse = (problem: string, remedy: string) => {
    throw new ArgumentError(op, `${problem}, in the rule of ${describe(name)}`, remedy);
  };
  const taken = reserved.find((word) => word in rule.options);
  if (taken !== undefined) refuse(`an option is called ${taken}`, "choose another name");
  const unknown = Object.keys(limits).find((word) => !Object.hasOwn(rule.options, word));
  if (unknown !== undefined)
    refuse(`there is a limit of ${describe(unknown)}`, "declare an option of this name");
  const options = new OptionRules<Widen<O>>(rule.options, limits as Limits<Widen<O>>, rule.validate);
  const problem = options.problem(options.defaults as object);
  if (problem !== undefined) refuse(`a default does not fit, ${problem}`, "change the default or its limits");
  const { state, ...others } = rest();
  return {
    name,
    title: className,
    options,
    validateNumbers: rule.validateNumbers ?? (() => undefined),
    fits: rule.fits ?? (() => undefined),
    ...others,
    state(given, numbers) {
      const found = state(given, numbers);
      if (Array.isArray(found) || typeof found?.[Symbol.iterator] === "function") return found;
      const problem = `state returned ${describe(found)} in place of names`;
      throw new ArgumentError(`${className}.step`, problem, "return an array of names");
    },
  };
}
