import type { View } from "@thalweg/kernels";
import type { Block, Memory } from "./block";
import type { Binding } from "./kernel";
import { blockOf } from "./storage";

/**
 * The buffers of a kernel, each bound once. WebGPU rejects a buffer that is bound twice when one of the bindings is
 * writable.
 */
export class Slots {
  readonly memories: Memory[] = [];
  readonly written: boolean[] = [];
  /** For each operand, in the order in which it was added: the slot of its buffer, and (`starts`) the start of its block. */
  readonly places: number[] = [];
  readonly starts: number[] = [];

  /** Adds an operand, and returns the slot of its buffer. */
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
