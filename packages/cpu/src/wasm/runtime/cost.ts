import type { Expr } from "@thalweg/kernels";
import { countNodes } from "@thalweg/kernels";
import { Access } from "../../access";

/** The estimated nanoseconds for one element: those of memory or those of arithmetic, whichever is larger. */
export function costOf(expressions: readonly Expr[], operands: readonly Access[]): number {
  let memory = 0;
  for (const access of operands)
    memory += access === Access.strided ? 0.5 : access === Access.dense ? 0.06 : 0;
  return Math.max(memory, 0.02 * countNodes(expressions));
}
