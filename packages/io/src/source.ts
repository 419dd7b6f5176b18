import { ThalwegError } from "@thalweg/tensor";
import { brandOf } from "@thalweg/tensor/internal";
import { readFrom } from "./files";

/** Where bytes come from: themselves, or a file named by its path. */
export type ByteSource = Uint8Array | ArrayBuffer | string | URL;

/** Bytes that can be read piece by piece. */
export interface Source {
  readonly size: number;
  /** Bytes from `start` up to but not including `end`; may share memory with the source. */
  read(start: number, end: number): Uint8Array;
}

/** Whether something names a file; a `URL` may be of another realm. */
export function isPath(value: unknown): value is string | URL {
  return typeof value === "string" || brandOf(value) === "URL";
}

/** Opens a source for the time of `use`. */
export function withSource<T>(op: string, from: ByteSource, use: (source: Source) => T): T {
  if (isPath(from)) return readFrom(op, from, use);
  const bytes = bytesOf(op, from);
  return use({ size: bytes.length, read: (start, end) => bytes.subarray(start, end) });
}

/** Bytes may be of another realm, an iframe's, or that in which Jest runs tests. */
function bytesOf(op: string, from: Uint8Array | ArrayBuffer): Uint8Array {
  const brand = brandOf(from);
  if (brand === "ArrayBuffer") return new Uint8Array(from as ArrayBuffer);
  if (brand === "Uint8Array" && ArrayBuffer.isView(from)) {
    return new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
  }
  throw new ThalwegError(
    op,
    `cannot read a value of type ${typeof from}`,
    "pass bytes, or the path of a file",
  );
}
