import { ArgumentError } from "@thalweg/tensor";
import {
  boolean,
  changes,
  checkArguments,
  describe,
  either,
  type Kind,
  kind,
  list,
  oneOf,
  options as optionsOf,
  required,
  type Signature,
} from "@thalweg/tensor/internal";
import { parameters } from "./parameters";

/** The value of an optimizer's option. */
export type OptionValue = number | boolean | string | null | readonly number[];

/**
 * The declaration of an option: its default, which may be several numbers, or null for a number that may be
 * missing; or its possible names, the default first.
 */
export type Option = number | boolean | null | readonly number[] | OptionChoices;

/** The names that an option may have; null for none. */
export type OptionChoices = readonly (string | null)[];

/** All options of an optimizer, by name. */
export type Options = { readonly [name: string]: Option };

/** The type of an option's values, from that of its declaration: `0.9` becomes `number`. */
export type WidenValue<V> = V extends boolean
  ? boolean
  : V extends number
    ? number
    : V extends null
      ? number | null
      : V extends OptionChoices
        ? V[number]
        : { -readonly [I in keyof V]: number };

/** The types of all options' values, from their declarations. */
export type Widen<O> = { -readonly [K in keyof O]: WidenValue<O[K]> };

/** The numbers an option may hold, bounds included except for `above` and `below`; always finite. */
export interface Limit {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
  /** Whole numbers only; false unless given. */
  readonly whole?: boolean;
}

/** Limits of the numeric options, by name; a limit of several numbers holds for each. */
export type Limits<O> = { readonly [K in keyof O]?: Limit };

/** A number within limits. */
export function within({ min, above, max, below, whole }: Limit): Kind {
  const bounds = Object.entries({ "at least": min, above, "at most": max, below })
    .flatMap(([word, bound]) => (bound === undefined ? [] : [`${word} ${bound}`]))
    .join(" and ");
  return kind(
    `a ${whole ? "whole" : "finite"} number${bounds && `, ${bounds}`}`,
    (value) =>
      typeof value === "number" &&
      (whole ? Number.isInteger(value) : Number.isFinite(value)) &&
      (min === undefined || value >= min) &&
      (above === undefined || value > above) &&
      (max === undefined || value <= max) &&
      (below === undefined || value < below),
  );
}

/** Whether an option is declared by its possible names. */
export function isChoice(option: Option): option is OptionChoices {
  return Array.isArray(option) && option.some((item) => typeof item !== "number");
}

function kindOf(option: Option, limit: Limit = {}): Kind {
  if (typeof option === "boolean") return boolean;
  if (isChoice(option)) return oneOf(...option);
  const one = within(limit);
  if (option === null) return either(one, oneOf(null));
  return typeof option === "number" ? one : list(one, option.length);
}

/** The members of an object that are not undefined. */
export function defined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

/** Whether a value is a list of the same numbers as another. */
function isSameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A group's options when they were last checked, in the order of their names. */
export interface CheckedGroup {
  readonly group: object;
  readonly values: unknown[];
}

type Values = Readonly<Record<string, unknown>>;

/** The options of a rule, and the checks of given ones. */
export class OptionRules<O> {
  /** The default of each option. */
  readonly defaults: O;
  private readonly names: readonly string[];
  private readonly kinds: Signature;
  private readonly validate: (options: O) => string | undefined;

  constructor(
    declared: Options,
    limits: Limits<O>,
    validate: (options: O) => string | undefined = () => undefined,
  ) {
    const entries = Object.entries(declared);
    const bounds = limits as { readonly [name: string]: Limit | undefined };
    this.names = Object.keys(declared);
    this.defaults = Object.fromEntries(
      entries.map(([name, option]) => [name, isChoice(option) ? option[0] : option]),
    ) as O;
    this.kinds = Object.fromEntries(entries.map(([name, option]) => [name, kindOf(option, bounds[name])]));
    this.validate = validate;
  }

  /** Checks a constructor's arguments: options must exist and fit; parameters are checked later. */
  checkGiven(op: string, params: unknown, options: unknown): void {
    checkArguments(op, { params: parameters, options: optionsOf(this.kinds) }, [params, options]);
  }

  /** Throws unless a value is a group whose options exist and fit; its parameters are not looked at. */
  checkGroup(op: string, group: unknown): void {
    checkArguments(op, { group: optionsOf({ params: required(parameters), ...this.kinds }) }, [group]);
  }

  /** The error in a full set of options; nothing if they fit. */
  problem(options: object, path = ""): string | undefined {
    const values = options as Values;
    const wrong = this.names.find((name) => !this.kinds[name]!.accepts(values[name]));
    return wrong === undefined
      ? this.validate(options as O)
      : `${path}${wrong} must be ${this.kinds[wrong]!.must}, got ${describe(values[wrong])}`;
  }

  /**
   * Throws unless the options of all groups fit, in the name of `step`. Looks only at options that differ from
   * `checked`, and updates it.
   */
  checkGroups(title: string, groups: readonly object[], checked: CheckedGroup[]): void {
    const { names, kinds } = this;
    for (let g = 0; g < groups.length; g++) {
      const group = groups[g] as Values;
      let last = checked[g];
      // NaN never equals an earlier value.
      if (last?.group !== group) last = checked[g] = { group, values: names.map(() => Number.NaN) };
      const { values } = last;
      let [changed, fits] = [false, true];
      for (let i = 0; i < names.length; i++) {
        const value = group[names[i]!];
        if (value === values[i] || isSameList(value, values[i])) continue;
        changed = true;
        fits = kinds[names[i]!]!.accepts(value);
        if (!fits) break;
        values[i] = Array.isArray(value) ? [...value] : value;
      }
      if (!changed) continue;
      changes.options++;
      const problem = fits ? this.validate(group as O) : this.problem(group, `paramGroups[${g}].`);
      if (problem === undefined) continue;
      checked.length = 0;
      throw new ArgumentError(`${title}.step`, problem, "change the options of this group");
    }
  }
}
