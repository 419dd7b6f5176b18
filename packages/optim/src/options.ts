import { ThalwegError } from "@thalweg/tensor";

/** What an option of an optimizer can be. */
export type OptionValue = number | boolean | readonly number[];

/** All options of an optimizer, by name. */
export type Options = { readonly [name: string]: OptionValue };

type WidenValue<V> = V extends boolean
  ? boolean
  : V extends number
    ? number
    : { -readonly [I in keyof V]: number };

/** Types of the values that stand in a declaration: `0.9` becomes `number`. */
export type Widen<O> = { -readonly [K in keyof O]: WidenValue<O[K]> };

/** The numbers an option may hold, ends included but for `below`. */
export interface Limit {
  readonly min?: number;
  readonly max?: number;
  readonly below?: number;
}

/** Limits of the numeric options, by name; a limit of a pair holds for both numbers. */
export type Limits<O> = { readonly [K in keyof O]?: Limit };

function describe({ min, max, below }: Limit): string {
  const parts = [];
  if (min !== undefined) parts.push(`at least ${min}`);
  if (max !== undefined) parts.push(`at most ${max}`);
  if (below !== undefined) parts.push(`below ${below}`);
  return parts.length === 0 ? "finite" : parts.join(" and ");
}

function allows(value: number, { min, max, below }: Limit): boolean {
  return (
    Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (below === undefined || value < below)
  );
}

/** Throws unless every option exists, has the type of its default, and lies within its limits. */
export function checkOptions<O extends object>(
  op: string,
  given: object,
  defaults: O,
  limits: Limits<O>,
): void {
  for (const [name, value] of Object.entries(given)) {
    const expected = (defaults as Record<string, OptionValue>)[name];
    if (expected === undefined) {
      throw new ThalwegError(
        op,
        `there is no option "${name}"`,
        `options: ${Object.keys(defaults).join(", ")}`,
      );
    }
    const limit = (limits as Record<string, Limit>)[name] ?? {};
    const got = `"${name}" is ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`;
    if (typeof expected === "boolean") {
      if (typeof value !== "boolean") throw new ThalwegError(op, got, "it must be true or false");
    } else if (typeof expected === "number") {
      if (typeof value !== "number" || !allows(value, limit)) {
        throw new ThalwegError(op, got, `it must be a number, ${describe(limit)}`);
      }
    } else if (
      !Array.isArray(value) ||
      value.length !== expected.length ||
      !value.every((x) => typeof x === "number" && allows(x, limit))
    ) {
      throw new ThalwegError(op, got, `it must be ${expected.length} numbers, each ${describe(limit)}`);
    }
  }
}
