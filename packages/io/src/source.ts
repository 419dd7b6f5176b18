import { ThalwegError } from "@thalweg/tensor";
import { readFrom } from "./files";

/** Where bytes come from: themselves, or a file named by its path. */
export type ByteSource = Uint8Array | ArrayBuffer | string | URL;

/** Bytes that can be read piece by piece. */
export interface Source {
  readonly size: number;
  /** Bytes from `start` up to but not including `end`; may share memory with the source. */
  read(start: number, end: number): Uint8Array;
}

/** Opens a source for the time of `use`. */
export function withSource<T>(op: string, from: ByteSource, use: (source: Source) => T): T {
  if (typeof from === "string" || from instanceof URL) return readFrom(op, from, use);
  if (!(from instanceof Uint8Array || from instanceof ArrayBuffer)) {
    throw new ThalwegError(
      op,
      `cannot read a value of type ${typeof from}`,
      "pass bytes, or the path of a file",
    );
  }
  const bytes = from instanceof Uint8Array ? from : new Uint8Array(from);
  return use({ size: bytes.length, read: (start, end) => bytes.subarray(start, end) });
}
