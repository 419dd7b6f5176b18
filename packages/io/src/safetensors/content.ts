import type { Tensor, TensorArray } from "@thalweg/tensor";
import { written } from "./dtype";

/** Number of bytes that are read or written at once: no system takes 2 GiB in one call. */
const pieceSize = 2 ** 26;

/** A tensor as it is written to a file. */
export interface Content {
  readonly name: string;
  /** Its element type in the format's terms. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes of an element, and of all. */
  readonly elementSize: number;
  readonly bytes: number;
  /** All of its bytes in row-major order. */
  pieces(): Iterable<Uint8Array>;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorArray) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

/** A tensor that is read in pieces when it is written; or with elements that were read already. */
export function contentOf(name: string, x: Tensor, values?: TensorArray): Content {
  const { name: dtype, size: elementSize } = written[x.dtype];
  return {
    name,
    dtype,
    shape: x.shape,
    elementSize,
    bytes: x.size * elementSize,
    pieces: () => (values === undefined ? read(x, pieceSize / elementSize) : [bytesOf(values)]),
  };
}

function* read(x: Tensor, count: number): Iterable<Uint8Array> {
  const { storage, size } = x;
  if (size <= count || !x.isContiguous() || storage.isDisposed) {
    yield bytesOf(x.dataSync());
    return;
  }
  const flat = x.detach().flatten();
  for (let start = 0; start < size; start += count) {
    yield bytesOf(flat.narrow(0, start, Math.min(count, size - start)).dataSync());
  }
}
