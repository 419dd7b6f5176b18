import type { Expr } from "@thalweg/kernels";
import { helpers, lower, machineHelpers } from "@thalweg/kernels";

/**
 * Renders lowered expressions for one element as JavaScript: statements that declare each node once, and the text of
 * each result. `leaf` returns the text that reads an input.
 */
export function emit(
  outputs: readonly Expr[],
  leaf: (input: number) => string,
): { statements: string; results: string[] } {
  const text = new Map<Expr, string>();
  const lines: string[] = [];
  const visit = (node: Expr): string => {
    const known = text.get(node);
    if (known !== undefined) return known;
    let source: string;
    const { primitive } = node;
    if (primitive === null) {
      if (node.input < 0) return literal(node.isInt ? node.value : Math.fround(node.value));
      source = leaf(node.input);
    } else {
      const args = node.args.map((arg, k) =>
        arg.isConstant && primitive.wideArgs?.[k] ? literal(arg.value) : visit(arg),
      );
      source = primitive.js(...args);
      if (!primitive.exact && !primitive.wide && !primitive.int) source = `f(${source})`;
    }
    const name = `t${text.size}`;
    lines.push(`const ${name}=${source};`);
    text.set(node, name);
    return name;
  };
  const results = lower(outputs).map(visit);
  return { statements: lines.join(""), results };
}

/** A number as JavaScript. */
export function literal(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : String(value);
}

const all = { ...helpers, ...machineHelpers };

/** Compiles the body of a kernel; `f` rounds to float32, `h` holds the helpers. */
export function compile<F>(parameters: readonly string[], body: string): F {
  const make = new Function("f", "h", `"use strict";return (${parameters.join(",")})=>{${body}}`);
  return make(Math.fround, all) as F;
}
