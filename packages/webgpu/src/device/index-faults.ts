import { IndexError } from "@thalweg/kernels";
import { scalarType } from "../wgsl/types";
import type { Block } from "./block";
import type { Recorder } from "./recorder";

/**
 * Values that an operation cannot take, as indices out of range. Kernels skip them and note the first one in a block that
 * the next read brings along, so that nobody has to wait for the device.
 */
export class IndexFaults {
  /** Of what kernels note: how many, in which call, which value, and whether that is an int. */
  readonly bytes = 16;
  readonly block: Block;
  private readonly calls: ((value: number) => Error)[] = [];
  private readonly known = new Map<string, number>();
  private noted = false;

  constructor(block: Block) {
    this.block = block;
  }

  /** The number of a call with indices, that its kernel notes if one is out of range. */
  call(op: string, extent: number): number {
    return this.callOf(`${op} ${extent}`, (index) => {
      return new IndexError(
        op,
        `index ${index} is not one of the ${extent} positions of the dimension`,
        `indices are whole numbers from 0 to ${extent - 1}`,
      );
    });
  }

  /** The number of a call; calls of one `key` have one, and one `refuse`, which says what is wrong with a value. */
  callOf(key: string, refuse: (value: number) => Error): number {
    this.noted = true;
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.calls.push(refuse) - 1;
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

  /** @throws what is wrong with the value that was noted, if one was. */
  check(notes: Uint32Array): void {
    const [count, number, bits, isInt] = notes as unknown as [number, number, number, number];
    if (count === 0) return;
    const { buffer } = Uint32Array.of(bits);
    const [value] = isInt ? new Int32Array(buffer) : new Float32Array(buffer);
    throw this.calls[number]!(value!);
  }
}

/** How a kernel notes a value, an index or another, of either type; `b${slot}` is the block. */
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
