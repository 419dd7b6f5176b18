import { ArgumentError, Expr, ExprPool, type Input, type Tensor } from "@thalweg/tensor";
import { type CompactProgram, compact, describe, recorder, updateInPlace } from "@thalweg/tensor/internal";
import type { ParameterState } from "./optimizer";
import { isChoice, type Option, type Options, type OptionValue, type Widen } from "./options";
import type { Numbers, PointwiseRule } from "./rule";

type Values = Readonly<Record<string, OptionValue>>;

/** Writes the next values of one parameter and of its state. `values` are those of the options, in order. */
export type Update<O> = (
  param: Tensor,
  grad: Tensor,
  state: ParameterState,
  options: O,
  values: readonly unknown[],
) => void;

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
  const numbers = Object.keys(rule.numbers ?? {});
  const switches = options.map((name) => switchOf(rule.options[name]!));
  const states: string[] = [];
  const programs = new Map<number, CompactProgram>();
  /** Appends the numbers of an update to its other inputs; returns which program it needs. */
  const read = (
    state: ParameterState,
    values: readonly unknown[],
    present: readonly string[],
    inputs: unknown[],
  ): number => {
    let key = 0;
    for (const name of present) {
      if (!states.includes(name)) states.push(name);
      key |= 1 << states.indexOf(name);
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const choices = switches[i];
      // The last choice means a number, where it may be missing.
      if (choices !== undefined) key = key * (choices.length + 1) + choices.indexOf(value) + 1;
      if (typeof value === "number") inputs.push(value);
      else if (Array.isArray(value)) inputs.push(...value);
    }
    inputs.push(state.step);
    for (let i = 0; i < numbers.length; i++) inputs.push(state.numbers[numbers[i]!]!);
    return key;
  };
  return (param, grad, state, given, values) => {
    const present = names(given);
    const targets = [param];
    const inputs: Input[] = [param, grad];
    for (const name of present) {
      targets.push(state.tensors[name]!);
      inputs.push(state.tensors[name]!);
    }
    const tensors = inputs.length;
    const key = read(state, values, present, inputs);
    let traced = programs.get(key);
    if (traced === undefined) {
      traced = traceRule(op, rule, given as Readonly<Record<string, OptionValue>>, present);
      programs.set(key, traced);
    }
    const { program, slots } = traced;
    const operands = new Array<Input>(slots.length);
    for (let i = 0; i < slots.length; i++) operands[i] = inputs[slots[i]!]!;
    const counted = inputs.length - 1 - numbers.length;
    recorder?.updates({
      key,
      slots,
      tensors,
      counted,
      read: (now, isSame) =>
        read(
          state,
          isSame ? [] : options.map((name) => (given as Values)[name]),
          isSame ? [] : names(given),
          now,
        ),
    });
    updateInPlace(program, targets, operands);
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
