import type { View } from "@thalweg/kernels";
import type { Block, Memory } from "./block";
import type { Binding } from "./kernel";
import { blockOf } from "./storage";

/**
 * The buffers of a kernel, each once: a device refuses one that stands in two places and is written in
 * either.
 */
export class Slots {
  readonly memories: Memory[] = [];
  readonly written: boolean[] = [];
  /** Of the operands, in the order in which they were added: the place of the buffer, and where the block starts in it. */
  readonly places: number[] = [];
  readonly starts: number[] = [];

  /** The place of a view's buffer among those of the kernel. */
  add(view: View, written = false): number {
    return this.addBlock(blockOf(view), written);
  }

  addBlock({ memory, start }: Block, written = false): number {
    const { memories } = this;
    this.starts.push(start);
    let slot = 0;
    while (slot < memories.length && memories[slot] !== memory) slot++;
    if (slot === memories.length) {
      memories.push(memory);
      this.written.push(written);
    } else if (written) this.written[slot] = true;
    this.places.push(slot);
    return slot;
  }

  bindings(type: Binding["type"] = "f32"): Binding[] {
    return this.written.map((written) => ({ type, written }));
  }
}
