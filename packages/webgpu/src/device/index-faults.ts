import { IndexError } from "@thalweg/kernels";
import { scalarType } from "../wgsl/types";
import type { Block } from "./block";
import type { Recorder } from "./recorder";

/**
 * Values that an operation cannot take, such as indices out of range. Kernels skip them and note the first one in a
 * block. The next read copies that block too, so no operation has to wait for the device.
 */
export class IndexFaults {
  /** Bytes of the notes: the number of faults, then the call, the value, and the type of the first one. */
  readonly bytes = 16;
  readonly block: Block;
  private readonly calls: ((value: number) => Error)[] = [];
  private readonly known = new Map<string, number>();
  private noted = false;

  constructor(block: Block) {
    this.block = block;
  }

  /** Returns the number of a call with indices. Its kernel notes the number if an index is out of range. */
  call(op: string, extent: number): number {
    return this.callOf(`${op} ${extent}`, (index) => {
      return new IndexError(
        op,
        `index ${index} is not one of the ${extent} positions of the dimension`,
        `indices are whole numbers from 0 to ${extent - 1}`,
      );
    });
  }

  /** A call that has a number runs again: it may note something. */
  expect(): void {
    this.noted = true;
  }

  /** Returns the number of a call. Calls with the same `key` share it, and `refuse`, which makes the error for a value. */
  callOf(key: string, refuse: (value: number) => Error): number {
    this.noted = true;
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.calls.push(refuse) - 1;
      this.known.set(key, number);
    }
    return number;
  }

  /** Records a copy of the notes to `target`, and clears them. Returns false if no call can have noted anything. */
  collect(recorder: Recorder, target: Block, byte: number): boolean {
    if (!this.noted) return false;
    this.noted = false;
    recorder.copy(this.block, 0, target, byte, this.bytes);
    recorder.clear(this.block);
    return true;
  }

  /** @throws the error for the value that was noted, if one was. */
  check(notes: Uint32Array): void {
    const [count, number, bits, isInt] = notes as unknown as [number, number, number, number];
    if (count === 0) return;
    const { buffer } = Uint32Array.of(bits);
    const [value] = isInt ? new Int32Array(buffer) : new Float32Array(buffer);
    throw this.calls[number]!(value!);
  }
}

/** WGSL of `note_index`, with which a kernel notes a value that is refused; `b${slot}` is the block. */
export const noteIndex = (
  slot: number,
  isInt = false,
): string => `fn note_index(call: u32, index: ${scalarType(isInt)}) {
  if (atomicAdd(&b${slot}[0], 1u) == 0u) {
    atomicStore(&b${slot}[1], call);
    atomicStore(&b${slot}[2], bitcast<u32>(index));
    atomicStore(&b${slot}[3], ${isInt ? 1 : 0}u);
  }
}`;
