import { isInt32 } from "./dtype";
import { type Expr, ExprPool } from "./expr";
import { acos, asin, atan, atan2 } from "./float32/atan";
import { erf, ndtr } from "./float32/erf";
import { cosh, exp, expm1, sigmoid, sigmoidSlope, sinh, tanh } from "./float32/exp";
import { log, log1p, log2, log10, softplus } from "./float32/log";
import { pow } from "./float32/pow";
import { cos, sin, tan } from "./float32/sin";
import { topological } from "./graph";
import { type Primitive, primitives } from "./primitive";

type Definition = (...args: [Expr, Expr]) => Expr;

const sign = (x: Expr) => x.gt(0).choose(1, x.lt(0).choose(-1, 0));

const arcs = { asin, acos, atan, atan2 };
const exponentials = { exp, expm1, pow, sigmoid, sigmoidSlope, sinh, cosh, tanh };
const logarithms = { log, log1p, log2, log10, softplus };
const named = { ...arcs, ...exponentials, ...logarithms, sin, cos, tan, erf, ndtr, sign };

const definitions = new Map<Primitive, Definition>(
  Object.entries(named).map(([name, define]) => [primitives[name as keyof typeof named], define]),
);

/**
 * Rewrites expressions, in a pool of their own, into the steps of a processor (`machine.ts`). Only `remainder` stays.
 * Every function has one float32 definition, with the same bits in every engine.
 */
export function lower(outputs: readonly Expr[]): readonly Expr[] {
  const pool = new ExprPool();
  const lowered = new Map<Expr, Expr>();
  for (const node of topological(outputs)) {
    const args = node.args.map((arg) => lowered.get(arg)!);
    let result: Expr;
    if (node.primitive === null) {
      const { input, value, isInt } = node;
      result = input >= 0 ? pool.input(input, isInt) : pool.constant(asNarrow(value), isInt);
    } else {
      const define = definitions.get(node.primitive);
      result = define === undefined ? pool.node(node.primitive, args) : define(...(args as [Expr, Expr]));
    }
    lowered.set(node, result);
  }
  return outputs.map((output) => lowered.get(output)!);
}

/** Rounds a constant to float32, unless it may be an int32. */
function asNarrow(value: number): number {
  return isInt32(value) ? value : Math.fround(value);
}
