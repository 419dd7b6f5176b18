import { type Expr, ExprPool } from "./expr";

/** Records what `body` does to scalar expressions. */
export function trace(inputs: number, body: (...args: Expr[]) => Expr): Expr {
  const pool = new ExprPool();
  const args = Array.from({ length: inputs }, (_, i) => pool.input(i));
  return pool.expr(body(...args));
}
