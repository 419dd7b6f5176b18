import type { Tensor } from "@thalweg/tensor";
import { relocate } from "@thalweg/tensor/internal";

/** Moves tensors, and their gradients with them: all of them, or none if one cannot be moved. */
export function moveAll(tensors: ReadonlySet<Tensor>, target: string): void {
  const moves = Array.from(tensors, (x) => ({
    x,
    there: x.detach().to(target),
    grad: x.gradient?.detach().to(target),
  }));
  for (const { x, there, grad } of moves) {
    if (there.storage === x.storage) continue;
    relocate(x, there);
    if (grad) x.grad = grad;
  }
}
