import { reachable } from "../../../scalar/derive";
import type { Expr } from "../../../scalar/expr";
import { helpers } from "../../../scalar/primitive";

/** How a kernel comes by an input: a number for all elements, one element for all, or one element each. */
export const Access = { number: 0, single: 1, dense: 2, strided: 3 } as const;
export type Access = (typeof Access)[keyof typeof Access];

/** Expressions of constants and plain numbers alone: computed once a call, in float64. */
export function uniformExpressions(outputs: readonly Expr[], access: readonly Access[]): Expr[] {
  const uniform = new Set<Expr>();
  const nodes = [...new Set(outputs.flatMap(reachable))].sort((a, b) => a.id - b.id);
  for (const node of nodes) {
    const is =
      node.primitive === null
        ? node.input < 0 || access[node.input] === Access.number
        : node.args.every((arg) => uniform.has(arg));
    if (is) uniform.add(node);
  }
  const roots = new Set<Expr>();
  const take = (node: Expr) => uniform.has(node) && node.primitive !== null && roots.add(node);
  for (const node of nodes) if (!uniform.has(node)) node.args.forEach(take);
  outputs.forEach(take);
  return [...roots];
}

/**
 * JavaScript of the expressions for one element: statements that declare each node once, rounded to
 * float32, and the text of each result. `leaf` says how an input is read; `hoisted` names what is known.
 */
export function renderBody(
  outputs: readonly Expr[],
  leaf: (input: number) => string,
  hoisted: ReadonlyMap<Expr, string>,
): { statements: string; results: string[] } {
  const text = new Map<Expr, string>();
  const lines: string[] = [];
  const visit = (node: Expr): string => {
    const known = text.get(node) ?? hoisted.get(node);
    if (known !== undefined) return known;
    let source: string;
    if (node.primitive === null) {
      if (node.input < 0) return literal(Math.fround(node.value));
      source = leaf(node.input);
    } else {
      source = node.primitive.js(...node.args.map(visit));
      if (!node.primitive.exact) source = `f(${source})`;
    }
    const name = `t${text.size}`;
    lines.push(`const ${name}=${source};`);
    text.set(node, name);
    return name;
  };
  const results = outputs.map(visit);
  return { statements: lines.join(""), results };
}

function literal(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : String(value);
}

/** Compiles the body of a kernel; `f` rounds to float32, `h` holds the helpers. */
export function compile<F>(parameters: readonly string[], body: string): F {
  const make = new Function("f", "h", `"use strict";return (${parameters.join(",")})=>{${body}}`);
  return make(Math.fround, helpers) as F;
}
