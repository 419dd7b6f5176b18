import type { Expr, ExprPool } from "./expr";

/** All nodes of expressions, each once. Operands come before the nodes that use them. */
export function topological(outputs: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const stack = [...outputs];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.args);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The number of nodes of expressions; shared nodes count once. */
export function countNodes(outputs: readonly Expr[]): number {
  return topological(outputs).length;
}

/** The numbers of the inputs that expressions read as ints. */
export function intInputs(outputs: readonly Expr[]): ReadonlySet<number> {
  return new Set(topological(outputs).flatMap(({ input, isInt }) => (isInt && input >= 0 ? [input] : [])));
}

/** The expression with each node replaced by the one that `replace` returns for it, unless that is null. */
export function substitute(root: Expr, replace: (node: Expr) => Expr | null): Expr {
  const done = new Map<Expr, Expr>();
  for (const node of topological([root])) {
    const replaced = replace(node);
    if (replaced !== null) done.set(node, replaced);
    else if (node.primitive === null) done.set(node, node);
    else {
      done.set(
        node,
        node.pool.node(
          node.primitive,
          node.args.map((arg) => done.get(arg)!),
        ),
      );
    }
  }
  return done.get(root)!;
}

/** Rebuilds an expression in another pool; `leaf` makes its inputs from their numbers. */
export function transplant(root: Expr, pool: ExprPool, leaf: (input: number, isInt: boolean) => Expr): Expr {
  const moved = new Map<Expr, Expr>();
  for (const node of topological([root])) {
    const args = node.args.map((arg) => moved.get(arg)!);
    moved.set(
      node,
      node.primitive !== null
        ? pool.node(node.primitive, args)
        : node.input >= 0
          ? leaf(node.input, node.isInt)
          : pool.constant(node.value, node.isInt),
    );
  }
  return moved.get(root)!;
}
