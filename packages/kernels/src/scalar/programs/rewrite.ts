import { type Expr, ExprPool } from "../expr";
import { topological, transplant } from "../graph";
import { MapProgram } from "./map-program";

/** A program that has only the inputs that it reads. */
export interface CompactProgram {
  readonly program: MapProgram;
  /** The original number of each input. */
  readonly slots: readonly number[];
}

/** Renumbers the inputs that expressions read, in a pool of their own. */
export function compact(name: string, outputs: readonly Expr[]): CompactProgram {
  const slots = topological(outputs)
    .flatMap((node) => (node.input >= 0 ? [node.input] : []))
    .sort((a, b) => a - b);
  const pool = new ExprPool();
  const leaf = (input: number) => pool.input(slots.indexOf(input));
  const moved = outputs.map((output) => transplant(output, pool, leaf));
  return { program: new MapProgram(name, slots.length, moved), slots };
}
