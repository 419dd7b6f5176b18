import { type Expr, ExprPool } from "./expr";

/** Runs `body` once, on input expressions of a pool of their own, and returns the expression of its result. */
export function trace(inputs: number, body: (...args: Expr[]) => Expr): Expr {
  const pool = new ExprPool();
  const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
  return pool.expr(body(...args));
}
