import type { View } from "../backend";
import type { Block } from "./block";
import type { Binding } from "./kernel";
import { blockOf } from "./storage";

/**
 * The buffers of a kernel, each once: a device refuses one that stands in two places and is written in
 * either.
 */
export class Slots {
  readonly blocks: Block[] = [];
  readonly written: boolean[] = [];

  /** The place of a view's buffer among those of the kernel. */
  add(view: View, written = false): number {
    return this.addBlock(blockOf(view), written);
  }

  addBlock(block: Block, written = false): number {
    const { blocks } = this;
    let slot = 0;
    while (slot < blocks.length && blocks[slot] !== block) slot++;
    if (slot === blocks.length) {
      blocks.push(block);
      this.written.push(written);
    } else if (written) this.written[slot] = true;
    return slot;
  }

  bindings(type: Binding["type"] = "f32"): Binding[] {
    return this.written.map((written) => ({ type, written }));
  }
}
