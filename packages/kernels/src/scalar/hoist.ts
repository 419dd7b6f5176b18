import type { Expr } from "./expr";
import { substitute, topological } from "./graph";
import type { MapProgram } from "./programs/map-program";

/** The outputs of a program, with their uniform parts replaced by further inputs, after those of the program. */
export interface Hoisted {
  readonly outputs: readonly Expr[];
  /** The uniform parts: expressions of constants and plain numbers alone, computed once a call, in float64. */
  readonly uniform: readonly Expr[];
}

/** Hoists the parts that depend on numbers alone out of a program; `isNumber` says which inputs are numbers. */
export function hoist({ outputs, inputs }: MapProgram, isNumber: (input: number) => boolean): Hoisted {
  const uniform = new Set<Expr>();
  const nodes = topological(outputs);
  for (const node of nodes) {
    const is =
      node.primitive === null
        ? node.input < 0 || isNumber(node.input)
        : node.args.every((arg) => uniform.has(arg));
    if (is) uniform.add(node);
  }
  const roots = new Set<Expr>();
  const take = (node: Expr) => uniform.has(node) && node.primitive !== null && roots.add(node);
  for (const node of nodes) if (!uniform.has(node)) node.args.forEach(take);
  outputs.forEach(take);
  const moved = new Map([...roots].map((root, k) => [root, root.pool.input(inputs + k, root.isInt)]));
  const replace = (node: Expr) => moved.get(node) ?? null;
  return { outputs: outputs.map((output) => substitute(output, replace)), uniform: [...roots] };
}
