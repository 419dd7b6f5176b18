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

/** One option in {@link SymbolicOptions}. */
export type SymbolicOption<V> = V extends boolean | string | null
  ? V
  : V extends number
    ? Expr
    : { readonly [I in keyof V]: Expr };

/** Numbers of the options as scalar expressions; other values are unchanged. */
export type SymbolicOptions<O> = { readonly [K in keyof O]: SymbolicOption<O[K]> };

/** Names of state that always exists, or a function of the options for state that may be missing. */
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

/** The declaration that all optimizers have in common. */
export interface Declaration<O> {
  /** Its name in the registry and in state dicts. */
  readonly name: string;
  /** The name of its class, in errors and printing: `name` unless given. */
  readonly className?: string;
  /**
   * All options with their defaults: numbers, booleans, several numbers, or null for a number that may be
   * missing. `["first", "second"]` is an option that is one of these names, the first unless given.
   */
  readonly options: O;
  /** Limits of numeric options; any finite number is allowed unless given. */
  readonly limits?: Limits<O>;
  /** Returns the error in options that do not go together; nothing when they do, and always nothing unless given. */
  readonly validate?: (options: Widen<O>) => string | undefined;
  /**
   * Returns the error in a parameter's numbers from a file; nothing when a run can go on from them, and always nothing
   * unless given. They may be any finite numbers other than the initial ones. `first` are the first such numbers in
   * the file.
   */
  readonly validateNumbers?: (numbers: Numbers, first: Numbers) => string | undefined;
  /** Returns the error in a parameter that the rule cannot update ("has no rows"); nothing when it can, and always nothing unless given. */
  readonly fits?: (param: Tensor) => string | undefined;
}

/** The declaration of a rule that computes new values from old ones. */
export interface UpdateRule<O, S, N> extends Declaration<O> {
  /** Names of the tensors that are kept for each parameter, in its shape. */
  readonly state: S;
  /** The initial value of the state; 0 unless given. */
  readonly initial?: (name: StateNameOf<S> & string, options: Widen<O>) => number;
  /** Numbers that are kept for each parameter, with their initial values: products of rates, for example. None unless given. */
  readonly numbers?: N;
  /**
   * The next values of `numbers`, before each update: from the last ones, the options and the number of the step.
   * They stay the same unless this is given.
   */
  readonly advance?: (numbers: N, options: Widen<O> & { readonly step: number }) => N;
}

/** The new values of the parameter and of its state. */
export type UpdatedValues<S, T> = { readonly param: T } & { readonly [N in StateNameOf<S> & string]?: T };

/** A rule for each element separately, which becomes one kernel over parameter, gradient and state. */
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

/** The kind of objects whose members are all of one kind. */
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

/** The parts of every declaration. */
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

/** Names that options may not have, because groups and rules use them. */
const reserved = ["params", "step"];

/** A declaration as the shell needs it; throws if it is invalid. */
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
