import { derive } from "../derive";
import type { Expr } from "../expr";
import { substitute } from "../graph";
import { type CompactProgram, compact } from "./rewrite";

/**
 * The gradient of one input of an expression. Its slots count the inputs of the expression, then its result, then
 * the gradient of the result. `"zero"` means that no path leads to the input, `"pass"` that its gradient is the
 * incoming one.
 */
export type MapGradient = CompactProgram | "zero" | "pass";

/** A gradient rule that is given instead of derived: from the gradient, the result and the arguments. */
export type GradientRule = (g: Expr, y: Expr, ...args: Expr[]) => readonly (Expr | null)[];

/** Gradients of `root` with respect to each of its inputs. */
export function gradientPrograms(
  name: string,
  root: Expr,
  inputs: number,
  rule?: GradientRule,
): MapGradient[] {
  const { pool } = root;
  const g = pool.input(inputs + 1);
  const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
  const gradients = rule === undefined ? derive(root, inputs, g) : rule(g, root, ...args);
  return gradients.map((gradient) => {
    if (gradient === null) return "zero";
    if (gradient === g) return "pass";
    // A result that occurs in its own derivative (exp, tan, sqrt, division) is read, not computed again.
    const y = pool.input(inputs);
    const reused =
      root.primitive === null ? gradient : substitute(gradient, (node) => (node === root ? y : null));
    return compact(`${name}'`, [reused]);
  });
}
