import {
  ArgumentError,
  DTypeError,
  describe,
  IndexError,
  renamed,
  type ThalwegError,
} from "@thalweg/kernels";
import { oneCopy, otherCopy } from "./copy";
import type { Op } from "./ops/op";
import type { MapOp } from "./ops/pointwise";

export { describe };

/** The requirements on a value. */
export interface Kind {
  /** The end of the sentence "x must be ...". */
  readonly must: string;
  accepts(value: unknown): boolean;
  /** Whether the argument can be left out. */
  readonly optional?: boolean;
  /** The fields, where the value can be an object of options. */
  readonly options?: Signature;
  /** The kind of the elements, where the value is an array. */
  readonly items?: Kind;
  /** Class of the error; ArgumentError unless given. */
  readonly error?: new (
    op: string,
    problem: string,
    remedy?: string,
  ) => ThalwegError;
  /** Returns a more specific error for a refused value, in place of the usual one. */
  explain?(op: string, value: unknown): ThalwegError | undefined;
}

/** The arguments of a function, in their order, or the options of an object, by name. */
export type Signature = { readonly [name: string]: Kind };

/** The kinds of all fields of an options type. */
export type OptionKinds<O> = { readonly [Name in keyof O]-?: Kind };

export const kind = /* @__NO_SIDE_EFFECTS__ */ (
  must: string,
  accepts: (value: unknown) => boolean,
  error?: Kind["error"],
): Kind => (error === undefined ? { must, accepts } : { must, accepts, error });

export const number: Kind = /* @__PURE__ */ kind("a number", (value) => typeof value === "number");
/** A number that is not NaN. Infinity is allowed. */
export const real: Kind = /* @__PURE__ */ kind(
  "a number",
  (value) => typeof value === "number" && value === value,
);
export const finite: Kind = /* @__PURE__ */ kind("a finite number", Number.isFinite);
export const boolean: Kind = /* @__PURE__ */ kind("true or false", (value) => typeof value === "boolean");
export const string: Kind = /* @__PURE__ */ kind("a string", (value) => typeof value === "string");
/**
 * A function that can be called, which excludes classes. The prototype of a class is not writable, unlike that of a
 * function.
 */
export const callback: Kind = /* @__PURE__ */ kind(
  "a function",
  (value) =>
    typeof value === "function" &&
    !(
      Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false &&
      /^class\b/.test(Function.prototype.toString.call(value))
    ),
);

export const atLeastZero: Kind = /* @__PURE__ */ kind(
  "a number from 0 on",
  (value) => typeof value === "number" && value >= 0,
);
export const aboveZero: Kind = /* @__PURE__ */ kind(
  "a number above 0",
  (value) => typeof value === "number" && value > 0,
);
export const probability: Kind = /* @__PURE__ */ kind(
  "a number from 0 to 1",
  (value) => typeof value === "number" && value >= 0 && value <= 1,
);

/** A whole number of at least `least`. */
export const whole = /* @__NO_SIDE_EFFECTS__ */ (least = Number.MIN_SAFE_INTEGER): Kind =>
  kind(
    least < 0 ? "a whole number" : `a whole number from ${least} on`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least,
    IndexError,
  );

export const integer: Kind = /* @__PURE__ */ whole();
export const count: Kind = /* @__PURE__ */ whole(0);
export const positive: Kind = /* @__PURE__ */ whole(1);

/** One of the listed values. */
export const oneOf = /* @__NO_SIDE_EFFECTS__ */ (...values: readonly (string | number | null)[]): Kind =>
  kind(values.map(describe).join(" or "), (value) => values.includes(value as string));

/** An array of values of a kind, of any length unless `length` is given. */
export const list = /* @__NO_SIDE_EFFECTS__ */ (of: Kind, length?: number, error = of.error): Kind => ({
  ...kind(
    `an array${length === undefined ? "" : ` of length ${length}`}, each element ${of.must}`,
    (value) =>
      Array.isArray(value) &&
      (length === undefined || value.length === length) &&
      // Array.from turns holes into undefined elements.
      Array.from(value as unknown[]).every((item) => of.accepts(item)),
    error,
  ),
  items: of,
});

/** A value of any of these kinds. */
export const either = /* @__NO_SIDE_EFFECTS__ */ (...kinds: readonly Kind[]): Kind => {
  const accepts = (value: unknown) => kinds.some((of) => of.accepts(value));
  const made = kind(kinds.map((of) => of.must).join(", or "), accepts, kinds[0]!.error);
  const fields = kinds.find((of) => of.options !== undefined)?.options;
  return fields === undefined ? made : { ...made, options: fields };
};

/** The same kind, with another text in errors. */
export const worded = /* @__NO_SIDE_EFFECTS__ */ (must: string, of: Kind): Kind => ({ ...of, must });

/** An argument that can be left out. */
export const optional = /* @__NO_SIDE_EFFECTS__ */ (of: Kind): Kind => ({ ...of, optional: true });

const anObject = "an object of options";

/** An object with these fields. Each can be left out unless it is {@link required}. */
export const options = /* @__NO_SIDE_EFFECTS__ */ <O = Signature>(fields: OptionKinds<O>): Kind => ({
  must: anObject,
  accepts: (value) => faultOf(fields, value) === null,
  optional: !Object.values<Kind>(fields).some((field) => field.optional === false),
  options: fields,
});

/** An option that cannot be left out. */
export const required = /* @__NO_SIDE_EFFECTS__ */ (of: Kind): Kind => ({ ...of, optional: false });

/** The name of the first option that does not fit, "" if the value is not an object of options, and null if all fit. */
function faultOf(fields: Signature, value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return "";
  const given = value as Readonly<Record<string, unknown>>;
  for (const name in given) {
    if (given[name] === undefined) continue;
    if (!Object.hasOwn(fields, name) || !fields[name]!.accepts(given[name])) return name;
  }
  for (const name in fields) if (fields[name]!.optional === false && given[name] === undefined) return name;
  return null;
}

const form = (name: string, { must, optional, options: fields }: Kind, optionalByDefault: boolean): string =>
  fields === undefined || must !== anObject
    ? `${name}${(optional ?? optionalByDefault) ? "?" : ""}`
    : `{ ${Object.entries(fields)
        .map(([field, of]) => form(field, of, true))
        .join(", ")} }`;

/** The form of a call of a function or a class, such as `roll(x, shift, dim?)`. */
export const usage = (op: string, signature: Signature): string =>
  `${/^[A-Z]\w*$/.test(op) ? "new " : ""}${op}(${Object.entries(signature)
    .map(([name, of]) => form(name, of, false))
    .join(", ")})`;

const plain = (name: string) => name.replace(/[^a-z0-9]/gi, "").toLowerCase();

/** The one of the names that was probably meant. */
export function similar(name: string, names: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      }
      row = next;
    }
    return row[b.length]!;
  };
  const wanted = plain(name).slice(0, 40);
  return names.find((known) => distance(wanted, plain(known)) <= (wanted.length > 4 ? 2 : 1));
}

/** The error for an option that does not exist. */
export function noSuchOption(op: string, name: string, names: readonly string[]): ThalwegError {
  const meant = similar(name, names);
  const known = names.length === 0 ? "it takes none" : `options: ${names.join(", ")}`;
  const remedy = meant === undefined ? known : `did you mean ${meant}? ${known}`;
  return new ArgumentError(op, `there is no option ${describe(name)}`, remedy);
}

function refuseValue(op: string, signature: Signature, name: string, of: Kind, value: unknown): ThalwegError {
  const { must, options: fields, items, error = ArgumentError } = of;
  const named = fields && faultOf(fields, value);
  if (fields && named) {
    const field = (value as Readonly<Record<string, unknown>>)[named];
    if (!Object.hasOwn(fields, named)) return noSuchOption(op, named, Object.keys(fields));
    return refuseValue(op, signature, named, fields[named]!, field);
  }
  if (items && Array.isArray(value)) {
    const wrong = value.findIndex(
      (item) => typeof item === "object" && item !== null && !items.accepts(item),
    );
    if (wrong >= 0) return refuseValue(op, signature, `${name}[${wrong}]`, items, value[wrong]);
  }
  const other = otherCopy(value);
  if (other !== undefined) return new error(op, `${name} is ${other}`, oneCopy);
  const more = of.explain?.(op, value);
  if (more !== undefined) return more;
  const got = value === undefined ? "nothing" : describe(value);
  const remedy =
    error === DTypeError && (Array.isArray(value) || ArrayBuffer.isView(value))
      ? "create a tensor with tensor(data)"
      : `call it as ${usage(op, signature)}`;
  return new error(op, `${name} must be ${must}, got ${got}`, remedy);
}

/** Throws unless the arguments match the signature. */
export function checkArguments(op: string, signature: Signature, args: ArrayLike<unknown>): void {
  let i = 0;
  for (const name in signature) {
    const of = signature[name]!;
    const value = args[i++];
    if (value === undefined ? !of.optional : !of.accepts(value))
      throw refuseValue(op, signature, name, of, value);
  }
  for (; i < args.length; i++) if (isSurplus(args[i])) throw surplus(op, i, args[i], usage(op, signature));
}

/** The error for one argument too many. */
export function surplus(op: string, takes: number, value: unknown, form?: string): ThalwegError {
  const most = takes === 0 ? "no arguments" : `${takes} argument${takes === 1 ? "" : "s"}`;
  return new ArgumentError(op, `takes ${most}, got ${describe(value)}, too`, form && `call it as ${form}`);
}

/** Whether an extra argument is an error. Numbers and arrays are not, because `tensors.map(f)` passes them. */
export const isSurplus = (value: unknown): boolean =>
  value !== undefined && typeof value !== "number" && !Array.isArray(value);

type Run = (...args: never[]) => unknown;

/**
 * Makes a public function of up to four arguments. They are checked before it runs. Errors carry its name, even if an
 * operation inside it throws them.
 *
 * @param record the record of the operation for tests and autograd, if it has one
 */
export function operation<F extends Run>(op: string, signature: Signature, body: F): F;
export function operation<F extends Run>(
  op: string,
  signature: Signature,
  body: F,
  record: MapOp,
): F & { readonly op: MapOp };
// The attributes of records that are not maps are left out of the type.
export function operation<F extends Run>(
  op: string,
  signature: Signature,
  body: F,
  record: Op,
): F & { readonly op: Op };
// @__NO_SIDE_EFFECTS__
export function operation<F extends Run>(op: string, signature: Signature, body: F, record?: Op): F {
  const run = body as unknown as (a: unknown, b: unknown, c: unknown, d: unknown) => unknown;
  const [first, second, third, fourth] = Object.values(signature);
  const wrong = (of: Kind | undefined, value: unknown) =>
    value === undefined
      ? of !== undefined && !of.optional
      : of === undefined
        ? isSurplus(value)
        : !of.accepts(value);
  const call = (a: unknown, b: unknown, c: unknown, d: unknown) => {
    if (wrong(first, a) || wrong(second, b) || wrong(third, c) || wrong(fourth, d)) {
      checkArguments(op, signature, [a, b, c, d]);
    }
    try {
      return run(a, b, c, d);
    } catch (error) {
      throw renamed(error, op);
    }
  };
  // The length that a declared function would have.
  const length = { value: Object.keys(signature).length };
  Object.defineProperties(call, { name: { value: op }, length, takes: { value: signature } });
  return (record === undefined ? call : Object.assign(call, { op: record })) as unknown as F;
}

/** Makes a public function of any number of arguments, like {@link operation}, which has at most four and is faster. */
// @__NO_SIDE_EFFECTS__
export function longOperation<F extends Run>(op: string, signature: Signature, body: F): F {
  const call = (...args: never[]) => {
    checkArguments(op, signature, args);
    try {
      return body(...args);
    } catch (error) {
      throw renamed(error, op);
    }
  };
  const length = { value: Object.keys(signature).length };
  return Object.defineProperties(call, { name: { value: op }, length, takes: { value: signature } }) as F;
}
