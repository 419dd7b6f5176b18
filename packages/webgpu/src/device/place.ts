import type { Layout, View } from "@thalweg/kernels";
import type { Block } from "./block";
import { blockOf, type GpuStorage, isInt, type Lease } from "./storage";

/** The place of an operand on the device. Unlike a view it outlives its tensor, which may release its memory at any time. */
export interface Place {
  readonly block: Block;
  readonly layout: Layout;
  readonly isInt: boolean;
  /** Number of elements of the whole storage. */
  readonly size: number;
  /** Lease of the tensor that owns the block; missing for scratch memory. */
  readonly lease?: Lease;
}

export function placeOf(view: View): Place {
  const { storage, layout } = view;
  const { lease } = storage as GpuStorage;
  return { block: blockOf(view), layout, isInt: isInt(view), size: storage.size, lease };
}

/** Whether the tensor has released its memory. */
export function isGivenBack({ lease }: Place): boolean {
  return lease?.block === null;
}
