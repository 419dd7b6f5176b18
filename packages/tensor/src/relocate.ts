import type { Tensor } from "./tensor";

/**
 * Lets a tensor show the memory of another, which nobody else has: what a module does to its tensors when it moves.
 * Whoever holds the tensor, such as an optimizer, goes on with it. Views of it stay where they are, and a graph that
 * saved it finds that it was overwritten.
 */
export function relocate(x: Tensor, there: Tensor): void {
  const { storage } = x;
  there.storage.version = storage.version + 1;
  Object.assign(x, { storage: there.storage, layout: there.layout, base: null });
  storage.dispose();
}
