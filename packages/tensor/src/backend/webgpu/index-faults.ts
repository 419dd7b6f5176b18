import { IndexError } from "../../errors";
import type { Block } from "./block";
import type { Recorder } from "./recorder";

/** An operation with indices, and the size of the dimension they stand for. */
interface IndexCall {
  readonly op: string;
  readonly extent: number;
}

/**
 * Indices out of range. Kernels skip them and note the first one in a block that the next read brings along,
 * so that nobody has to wait for the device.
 */
export class IndexFaults {
  /** Of what kernels note: how many, in which call, which index. */
  readonly bytes = 16;
  readonly block: Block;
  private readonly calls: IndexCall[] = [];
  private readonly known = new Map<string, number>();
  private noted = false;

  constructor(block: Block) {
    this.block = block;
  }

  /** The number of a call, that its kernel notes if an index is out of range. */
  call(op: string, extent: number): number {
    this.noted = true;
    const key = `${op} ${extent}`;
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.calls.push({ op, extent }) - 1;
      this.known.set(key, number);
    }
    return number;
  }

  /** Has the notes copied behind what is read, and wiped; says whether there can be any. */
  collect(recorder: Recorder, target: Block, byte: number): boolean {
    if (!this.noted) return false;
    this.noted = false;
    recorder.copy(this.block, 0, target, byte, this.bytes);
    recorder.clear(this.block);
    return true;
  }

  /** @throws IndexError if something was noted. */
  check(notes: Uint32Array): void {
    const [count, number, bits] = notes as unknown as [number, number, number];
    if (count === 0) return;
    const { op, extent } = this.calls[number]!;
    const [index] = new Float32Array(Uint32Array.of(bits).buffer);
    throw new IndexError(
      op,
      `index ${index} is not one of the ${extent} positions of the dimension`,
      `indices are whole numbers from 0 to ${extent - 1}`,
    );
  }
}

/** How a kernel notes an index; `b${slot}` is the block. */
export const noteIndex = (slot: number): string => `fn note_index(call: u32, index: f32) {
  if (atomicAdd(&b${slot}[0], 1u) == 0u) {
    atomicStore(&b${slot}[1], call);
    atomicStore(&b${slot}[2], bitcast<u32>(index));
  }
}`;
