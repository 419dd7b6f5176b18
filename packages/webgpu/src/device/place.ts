import type { Layout, View } from "@thalweg/kernels";
import type { Block } from "./block";
import { blockOf, type GpuStorage, isInt, type Lease } from "./storage";

/** Elements on the device. Unlike a view it outlives the tensor, which may give its memory back at any time. */
export interface Place {
  readonly block: Block;
  readonly layout: Layout;
  /** Whether the elements are ints. */
  readonly isInt: boolean;
  /** Number of elements of the whole storage. */
  readonly size: number;
  /** Who has the block; nobody of whom it would be known, if not given. */
  readonly lease?: Lease;
}

export function placeOf(view: View): Place {
  const { storage, layout } = view;
  const { lease } = storage as GpuStorage;
  return { block: blockOf(view), layout, isInt: isInt(view), size: storage.size, lease };
}

/** Whether the tensor has given its memory back. */
export function isGivenBack({ lease }: Place): boolean {
  return lease?.block === null;
}
