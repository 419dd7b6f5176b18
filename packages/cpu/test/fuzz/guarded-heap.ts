import { Blocks } from "../../src/heap/blocks";
import { Heap } from "../../src/heap/heap";
import { control } from "../../src/wasm/runtime/addresses";
import { Runtime } from "../../src/wasm/runtime/runtime";

/** Bytes before and after each block that no call may write; a multiple of the alignment. */
const margin = 64;

const guard = 0x5afe600d;

interface Inside {
  take(this: Heap, size: number): number;
}

/** A runtime whose blocks are between words that no call may write. */
export class GuardedRuntime extends Runtime {
  private readonly guarded: Map<number, number>;

  constructor(maximum: number, budget: number) {
    const guarded = new Map<number, number>();
    surroundBlocks(guarded);
    super({ shared: true, maximum, budget });
    this.guarded = guarded;
    this.words.fill(guard, control.end - 32, control.end);
  }

  /** The guards that have changed. */
  overwritten(): string[] {
    const { words } = this;
    const found: string[] = [];
    const look = (from: number, name: string) => {
      for (let i = from / 4; i < (from + margin) / 4; i++) {
        if (words[i] !== guard) found.push(`${name}: word ${i - from / 4} is ${words[i]}`);
      }
    };
    for (const [address, size] of this.guarded) {
      look(address - margin, `before the block of ${size} bytes at ${address}`);
      look(address + size, `after the block of ${size} bytes at ${address}`);
    }
    look(4 * control.end - 128, "after the states of threads");
    return found;
  }
}

/** Makes heaps take larger blocks than requested, with guards around the requested part, and reports blocks to `guarded`. */
function surroundBlocks(guarded: Map<number, number>): void {
  const heap = Heap.prototype as unknown as Inside;
  const { take } = heap;
  heap.take = function (size) {
    const address = take.call(this, size + 2 * margin);
    if (address < 0) return address;
    const { words } = (this as unknown as { memory: { words: Int32Array } }).memory;
    words.fill(guard, address / 4, (address + margin) / 4);
    words.fill(guard, (address + margin + size) / 4, (address + size + 2 * margin) / 4);
    guarded.set(address + margin, size);
    return address + margin;
  };
  const { give } = Blocks.prototype;
  Blocks.prototype.give = function (address, size) {
    if (guarded.delete(address)) give.call(this, address - margin, size + 2 * margin);
    else give.call(this, address, size);
  };
}
