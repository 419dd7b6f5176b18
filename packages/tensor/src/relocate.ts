import { changes } from "@thalweg/kernels";
import type { Tensor } from "./tensor";

/**
 * Replaces the memory of a tensor by the memory of another, which nobody else holds. A module moves its tensors this way:
 * holders of a tensor, such as an optimizer, keep the same object. Views keep the old memory. A graph that saved the
 * tensor treats it as overwritten.
 */
export function relocate(x: Tensor, there: Tensor): void {
  const { storage } = x;
  there.storage.version = storage.version + 1;
  Object.assign(x, { storage: there.storage, layout: there.layout, base: null });
  changes.count++;
  storage.dispose();
}
