import type { Expr, ExprPool } from "../scalar/expr";
import { transplant } from "../scalar/graph";
import { settle } from "../scalar/machine";
import type { MapProgram } from "../scalar/programs/map-program";
import type { ReduceProgram } from "../scalar/programs/reduce-program";
import { type Chain, outputOf } from "./chain";

/** A value as it would be read from memory: no compiler joins what computed it with what follows. */
export function settled(value: Expr): Expr {
  const isPlain = value.primitive === null || value.isInt || value.primitive === settle;
  return isPlain ? value : value.pool.node(settle, [value]);
}

/** The outputs of a chain of maps as expressions in a pool; `leaf` makes its inputs from their numbers. */
export function compose(chain: Chain, pool: ExprPool, leaf: (input: number, isInt: boolean) => Expr): Expr[] {
  const outputs: Expr[] = [];
  for (const { program, sources, targets } of chain.stages) {
    const value = (input: number, isInt: boolean) => {
      const source = sources[input]!;
      return outputOf(source) < 0 ? leaf(source, isInt) : outputs[outputOf(source)]!;
    };
    const results = program.outputs.map((root) => transplant(root, pool, value));
    for (const [k, target] of targets.entries()) outputs[target] = settled(results[k]!);
  }
  return outputs;
}

/**
 * Whether a map of a chain is of numbers alone. What it stores is rounded, which an expression of numbers is not: that is
 * computed in float64.
 */
export function hasUniformStage({ stages }: Chain, isNumber: (input: number) => boolean): boolean {
  return stages.some(({ sources }) => sources.every((source) => outputOf(source) < 0 && isNumber(source)));
}

/** The programs that chains make with programs before or after them, each made once. */
export class JoinedPrograms<P extends MapProgram | ReduceProgram, R> {
  private readonly known = new WeakMap<Chain, Map<string, Map<P, R>>>();

  /** @param key tells apart the ways in which the two are joined */
  get(chain: Chain, program: P, key: string, make: () => R): R {
    let ways = this.known.get(chain);
    if (ways === undefined) this.known.set(chain, (ways = new Map()));
    let programs = ways.get(key);
    if (programs === undefined) ways.set(key, (programs = new Map()));
    let joined = programs.get(program);
    if (joined === undefined) programs.set(program, (joined = make()));
    return joined;
  }
}
