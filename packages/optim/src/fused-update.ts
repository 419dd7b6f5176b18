import { ArgumentError, Expr, ExprPool, type Input, type Tensor } from "@thalweg/tensor";
import { type CompactProgram, compact, describe, recorder, updateInPlace } from "@thalweg/tensor/internal";
import type { ParameterState } from "./optimizer";
import {
  type Edits,
  editsOf,
  isChoice,
  type Option,
  type Options,
  type OptionValue,
  type Widen,
} from "./options";
import type { Numbers, PointwiseRule } from "./rule";

/** Writes the next values of one parameter and of its state. */
export type Update<O> = (param: Tensor, grad: Tensor, state: ParameterState, options: O) => void;

/** The values of an option that each have a program of their own; nothing for a number. */
function switchOf(option: Option): readonly unknown[] | undefined {
  if (typeof option === "boolean") return [false, true];
  if (option === null) return [null];
  return isChoice(option) ? option : undefined;
}

/** One kernel for each combination of booleans, names and state; numbers are its arguments at every step. */
export function fusedUpdate<O extends Options, S, N extends Numbers>(
  op: string,
  rule: PointwiseRule<O, S, N>,
  names: (options: Widen<O>) => readonly string[],
): Update<Widen<O>> {
  const options = Object.keys(rule.options);
  const switches = options.map((name) => switchOf(rule.options[name]!));
  const states: string[] = [];
  const programs = new Map<number, CompactProgram>();
  return (param, grad, state, given) => {
    const values = given as Readonly<Record<string, OptionValue>>;
    const present = names(given);
    const targets = [param];
    const inputs: Input[] = [param, grad];
    let key = 0;
    for (const name of present) {
      if (!states.includes(name)) states.push(name);
      key |= 1 << states.indexOf(name);
      targets.push(state.tensors[name]!);
      inputs.push(state.tensors[name]!);
    }
    for (let i = 0; i < options.length; i++) {
      const value = values[options[i]!]!;
      const choices = switches[i];
      // The last choice means a number, where it may be missing.
      if (choices !== undefined) key = key * (choices.length + 1) + choices.indexOf(value) + 1;
      if (typeof value === "number") inputs.push(value);
      else if (Array.isArray(value)) inputs.push(...value);
    }
    inputs.push(state.step);
    for (const name in rule.numbers) inputs.push(state.numbers[name]!);
    let traced = programs.get(key);
    if (traced === undefined) {
      traced = traceRule(op, rule, values, present);
      programs.set(key, traced);
    }
    const { program, slots } = traced;
    const operands = new Array<Input>(slots.length);
    for (let i = 0; i < slots.length; i++) operands[i] = inputs[slots[i]!]!;
    if (recorder !== null) {
      const readers = numberReaders(rule, state, values, present.length);
      const isSame = unchanged(options, switches, values, () => names(given), present);
      recorder.numbers(rereading(slots.flatMap((slot) => readers[slot] ?? []), editsOf(given), isSame));
    }
    updateInPlace(program, targets, operands);
  };
}

/** A number among the inputs of an update. */
interface Reader {
  readonly read: () => number;
  /** Whether it changes at every step, and not with the options alone. */
  readonly isCounted: boolean;
}

/** Reads the numbers of a recorded update again, those of the options only after an edit. */
function rereading(
  readers: readonly Reader[],
  edits: Edits,
  isSame: () => boolean,
): () => Float64Array | null | undefined {
  const found = Float64Array.from(readers, ({ read }) => read());
  const counted = [...readers.keys()].filter((i) => readers[i]!.isCounted);
  let seen = edits.count;
  return () => {
    if (edits.count === seen) {
      for (let k = 0; k < counted.length; k++) found[counted[k]!] = readers[counted[k]!]!.read();
      return counted.length === 0 ? undefined : found;
    }
    if (!isSame()) return null;
    seen = edits.count;
    for (let i = 0; i < found.length; i++) found[i] = readers[i]!.read();
    return found;
  };
}

const isNumber = (value: unknown) => typeof value === "number";

/** A function for each number among the inputs of an update, which reads it again. */
function numberReaders<O extends Options, S, N extends Numbers>(
  rule: PointwiseRule<O, S, N>,
  state: ParameterState,
  options: Readonly<Record<string, OptionValue>>,
  states: number,
): Reader[] {
  const readers = new Array<Reader>(2 + states);
  const option = (read: () => number) => readers.push({ read, isCounted: false });
  const counted = (read: () => number) => readers.push({ read, isCounted: true });
  for (const name of Object.keys(rule.options)) {
    const value = options[name]!;
    if (typeof value === "number") option(() => options[name] as number);
    else if (Array.isArray(value)) {
      for (const k of value.keys()) option(() => (options[name] as readonly number[])[k]!);
    }
  }
  counted(() => state.step);
  for (const name in rule.numbers) counted(() => state.numbers[name]!);
  return readers;
}

/** Whether options, which may have been assigned to, still need the kernel and the state of a recorded update. */
function unchanged(
  names: readonly string[],
  switches: readonly (readonly unknown[] | undefined)[],
  options: Readonly<Record<string, OptionValue>>,
  states: () => readonly string[],
  present: readonly string[],
): () => boolean {
  const recorded = names.map((name) => options[name]);
  const values = [...recorded];
  const isSame = (i: number) =>
    switches[i] === undefined || values[i] === recorded[i] || (isNumber(values[i]) && isNumber(recorded[i]));
  const isSameState = () => {
    const now = states();
    return now.length === present.length && now.every((name, i) => name === present[i]);
  };
  let fits = true;
  return () => {
    let isNew = false;
    for (let i = 0; i < names.length; i++) {
      const value = options[names[i]!];
      if (value === values[i]) continue;
      values[i] = value;
      isNew = true;
    }
    if (isNew) fits = names.every((_, i) => isSame(i)) && isSameState();
    return fits;
  };
}

function traceRule<O extends Options, S, N extends Numbers>(
  op: string,
  rule: PointwiseRule<O, S, N>,
  options: Readonly<Record<string, OptionValue>>,
  present: readonly string[],
): CompactProgram {
  const pool = new ExprPool();
  let count = 0;
  const next = () => pool.input(count++);
  const values: Record<string, Expr> = { param: next(), grad: next() };
  for (const name of present) values[name] = next();
  const symbolic: Record<string, unknown> = {};
  for (const name of Object.keys(rule.options)) {
    const value = options[name]!;
    if (typeof value === "number") symbolic[name] = next();
    else symbolic[name] = Array.isArray(value) ? value.map(next) : value;
  }
  symbolic.step = next();
  for (const name in rule.numbers) values[name] = next();
  const updated: unknown = rule.update(values as never, symbolic as never);
  const outputs = ["param", ...present].map((name) => {
    const value = (updated as Readonly<Record<string, unknown>> | null | undefined)?.[name];
    if (typeof value === "number" || (value instanceof Expr && value.pool === pool)) return pool.expr(value);
    const problem = value === undefined ? `no new ${name}` : `${describe(value)} as the new ${name}`;
    throw new ArgumentError(
      op,
      `the rule of ${rule.name} returned ${problem}`,
      "return an expression for each",
    );
  });
  return compact(rule.name, outputs);
}
