import { ThalwegError } from "@thalweg/tensor";
import { spell } from "@thalweg/tensor/internal";

/** What an option of an optimizer can be. */
export type OptionValue = number | boolean | string | null | readonly number[];

/**
 * How an option is declared: by its default, which may be several numbers, or null for a number that may be
 * missing; or by the names that it can have, the default first.
 */
export type Option = number | boolean | null | readonly number[] | Choices;

/** The names that an option can have. */
type Choices = readonly (string | null)[];

/** All options of an optimizer, by name. */
export type Options = { readonly [name: string]: Option };

type WidenValue<V> = V extends boolean
  ? boolean
  : V extends number
    ? number
    : V extends null
      ? number | null
      : V extends Choices
        ? V[number]
        : { -readonly [I in keyof V]: number };

/** Types of the values that stand in a declaration: `0.9` becomes `number`. */
export type Widen<O> = { -readonly [K in keyof O]: WidenValue<O[K]> };

/** The numbers an option may hold, ends included but for `below`. */
export interface Limit {
  readonly min?: number;
  readonly max?: number;
  readonly below?: number;
  /** Whole numbers only. */
  readonly whole?: boolean;
}

/** Limits of the numeric options, by name; a limit of several numbers holds for each. */
export type Limits<O> = { readonly [K in keyof O]?: Limit };

/** What a number has to be. */
export function describe({ min, max, below, whole }: Limit): string {
  const parts = [];
  if (whole) parts.push("whole");
  if (min !== undefined) parts.push(`at least ${min}`);
  if (max !== undefined) parts.push(`at most ${max}`);
  if (below !== undefined) parts.push(`below ${below}`);
  return parts.length === 0 ? "finite" : parts.join(" and ");
}

/** Whether a value is a number within limits. */
export function allows(value: unknown, { min, max, below, whole }: Limit): boolean {
  return (
    typeof value === "number" &&
    Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (below === undefined || value < below) &&
    (!whole || Number.isInteger(value))
  );
}

/** Whether an option is declared by the names that it can have. */
export function isChoice(option: Option): option is Choices {
  return Array.isArray(option) && option.some((item) => typeof item !== "number");
}

/** The value of each option that is not given. */
export function defaultsOf<O extends Options>(options: O): Widen<O> {
  const entries = Object.entries(options).map(([name, option]) => [
    name,
    isChoice(option) ? option[0] : option,
  ]);
  return Object.fromEntries(entries) as Widen<O>;
}

const quote = (value: unknown) => (value === null ? "null" : `"${value}"`);
const shown = (value: unknown) => (typeof value === "string" ? value : spell(value));

/** What a value of the option has to be, when it is something else. */
function expectation(option: Option, limit: Limit, value: unknown): string | undefined {
  if (typeof option === "boolean") return typeof value === "boolean" ? undefined : "true or false";
  if (isChoice(option)) {
    return option.includes(value as string | null) ? undefined : option.map(quote).join(" or ");
  }
  if (option === null) {
    return value === null || allows(value, limit) ? undefined : `null or a number, ${describe(limit)}`;
  }
  if (typeof option === "number") return allows(value, limit) ? undefined : `a number, ${describe(limit)}`;
  const fits = Array.isArray(value) && value.length === option.length && value.every((x) => allows(x, limit));
  return fits ? undefined : `${option.length} numbers, each ${describe(limit)}`;
}

/** Throws unless every option exists, has the type of its default, and lies within its limits. */
export function checkOptions(
  op: string,
  given: object,
  declared: Options,
  limits: Readonly<Record<string, Limit | undefined>>,
): void {
  for (const [name, value] of Object.entries(given)) {
    const option = declared[name];
    if (option === undefined || !Object.hasOwn(declared, name)) {
      throw new ThalwegError(
        op,
        `there is no option "${name}"`,
        `options: ${Object.keys(declared).join(", ")}`,
      );
    }
    const expected = expectation(option, limits[name] ?? {}, value);
    if (expected !== undefined) {
      const got = Array.isArray(value) ? `[${value.map(shown).join(", ")}]` : shown(value);
      throw new ThalwegError(op, `"${name}" is ${got}`, `it must be ${expected}`);
    }
  }
}
