import type { Expr } from "./expr";
import { topological } from "./graph";
import { primitives } from "./primitive";

/**
 * Symbolic reverse-mode derivative: for each of the first `inputs` inputs, the expression of
 * `g * d root / d input`, or null where it is exactly zero. Contributions are added where paths meet.
 *
 * `choose` is differentiated branch by branch, `choose(c, a, b)' = choose(c, a', b')`, so that a branch that
 * is not taken contributes neither infinities nor NaN.
 */
export function derive(root: Expr, inputs: number, g: Expr): (Expr | null)[] {
  const result = new Array<Expr | null>(inputs).fill(null);
  const adjoints = new Map<Expr, Expr>([[root, g]]);
  for (const node of topological([root]).reverse()) {
    const adjoint = adjoints.get(node);
    if (adjoint === undefined) continue;
    if (node.primitive === null) {
      if (node.input >= 0 && node.input < inputs) result[node.input] = sum(result[node.input]!, adjoint);
      continue;
    }
    if (node.primitive === primitives.choose) {
      const [condition, ifTrue, ifFalse] = node.args as [Expr, Expr, Expr];
      const left = derive(ifTrue, inputs, adjoint);
      const right = derive(ifFalse, inputs, adjoint);
      for (let i = 0; i < inputs; i++) {
        const a = left[i] ?? null;
        const b = right[i] ?? null;
        if (a !== null || b !== null) result[i] = sum(result[i]!, condition.choose(a ?? 0, b ?? 0));
      }
      continue;
    }
    const contributions = node.primitive.derivative(adjoint, node, node.args);
    node.args.forEach((arg, k) => {
      const contribution = contributions[k] ?? null;
      if (contribution !== null) adjoints.set(arg, sum(adjoints.get(arg) ?? null, contribution));
    });
  }
  return result;
}

function sum(a: Expr | null, b: Expr): Expr {
  return a === null ? b : a.add(b);
}
