import type { Tensor } from "@thalweg/tensor";
import type { Elements } from "./communicator";

/** A part of the memory of a tensor, as functions of the host get it. */
export type View = Pick<Tensor, "storage" | "layout">;

/** The elements of a dense view on the CPU, in place. Callers must not keep them: they move as the heap fills. */
export function elementsOf({ storage, layout: { offset, size } }: View): Elements {
  return (storage as unknown as { readonly array: Elements }).array.subarray(offset, offset + size);
}
