import type { Expr } from "@thalweg/kernels";
import { machine, type Primitive, primitives, settle, topological } from "@thalweg/kernels";
import { intLiteral, literal } from "./literal";
import { integers, settledValue, wgsl } from "./primitives";

/** Statements that compute each node once, and the WGSL expressions of the results. */
export interface Emitted {
  readonly statements: string;
  readonly results: readonly string[];
}

const writers = new Map<Primitive, (...args: string[]) => string>([
  ...Object.entries(wgsl).map(([name, write]) => [primitives[name as keyof typeof wgsl], write] as const),
  ...Object.entries(integers).map(
    ([name, write]) => [machine[name as keyof typeof integers], write] as const,
  ),
  [settle, settledValue],
]);

/** Emits WGSL for one element; `leaf` returns the expression that reads an input. */
export function emit(outputs: readonly Expr[], leaf: (input: number) => string, prefix = "t"): Emitted {
  const text = new Map<Expr, string>();
  const lines: string[] = [];
  const nodes = topological(outputs);
  /** A node as a number. Conditions are `bool` until a number is needed. */
  const number = (node: Expr) =>
    node.primitive?.predicate === true ? `select(0f, 1f, ${text.get(node)!})` : text.get(node)!;
  for (const node of nodes) {
    const { primitive, args } = node;
    if (primitive === null) {
      if (node.input < 0) {
        text.set(node, node.isInt ? intLiteral(node.value) : literal(node.value));
        continue;
      }
      lines.push(`let ${prefix}${node.id} = ${leaf(node.input)};`);
    } else if (primitive === primitives.choose) {
      const [condition, yes, no] = args as [Expr, Expr, Expr];
      const holds =
        condition.primitive?.predicate === true ? text.get(condition)! : `truth_(${text.get(condition)!})`;
      lines.push(`let ${prefix}${node.id} = select(${number(no)}, ${number(yes)}, ${holds});`);
    } else {
      const values = primitive === machine.conditionToInt ? [text.get(args[0]!)!] : args.map(number);
      lines.push(`let ${prefix}${node.id} = ${writers.get(primitive)!(...values)};`);
    }
    text.set(node, `${prefix}${node.id}`);
  }
  return { statements: lines.join("\n"), results: outputs.map(number) };
}
