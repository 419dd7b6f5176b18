import type { Layout, View } from "@thalweg/kernels";
import type { Block } from "./block";
import { blockOf, isInt } from "./storage";

/** A storage in the memory of the device. */
export interface Place {
  /** Null where they are abandoned, and not to be written. */
  readonly block: Block | null;
  readonly layout: Layout;
  readonly isInt: boolean;
  /** Number of elements of the whole storage. */
  readonly size: number;
}

export function placeOf(view: View): Place {
  const { storage, layout } = view;
  return { block: blockOf(view), layout, isInt: isInt(view), size: storage.size };
}
