import { GradientError } from "@thalweg/tensor";
import type { Node } from "./node";

/** A node that saved nothing has lost nothing, and can be walked any number of times. */
function isLost(node: Node): boolean {
  return node.freed && node.saved !== 0;
}

function isOverwritten(node: Node): boolean {
  return node.countVersions() !== node.versions;
}

/** Throws unless everything that the gradient rule reads is there and unmodified. */
export function check(node: Node): void {
  if (isLost(node)) {
    throw new GradientError(
      "backward",
      `the graph was already freed, at ${node.name}, by an earlier backward`,
      "pass { retainGraph: true } to the earlier one to go through it again",
    );
  }
  if (isOverwritten(node)) {
    throw new GradientError(
      "backward",
      `a tensor that ${node.name} had saved for its gradient was modified in place since`,
      "write to a copy: clone() it first",
      node.shapes,
    );
  }
}

/** Whether all nodes pass {@link check}. */
export function areIntact(nodes: readonly Node[]): boolean {
  for (let i = 0; i < nodes.length; i++) if (isLost(nodes[i]!) || isOverwritten(nodes[i]!)) return false;
  return true;
}
