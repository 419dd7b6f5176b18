import type { Layout } from "../../layout/layout";
import type { View } from "../backend";
import type { Block } from "./block";
import { blockOf } from "./storage";

/** Elements on the device. Unlike a view it outlives the tensor, which may give its memory back at any time. */
export interface Place {
  readonly block: Block;
  readonly layout: Layout;
  /** Number of elements of the whole storage. */
  readonly size: number;
}

export function placeOf({ storage, layout }: View): Place {
  return { block: blockOf({ storage, layout }), layout, size: storage.size };
}
