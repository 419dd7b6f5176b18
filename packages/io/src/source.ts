import { ThalwegError } from "@thalweg/tensor";
import { brandOf } from "@thalweg/tensor/internal";
import { readFrom } from "./files";

/** A `URL` of a file; programs can name one without the types of browsers or Node. */
export interface FileUrl {
  readonly href: string;
  readonly protocol: string;
  readonly pathname: string;
}

/** The name of a file: its path, or a `URL`. */
export type FilePath = string | FileUrl;

/** The source of bytes: the bytes themselves, or a file named by its path. */
export type ByteSource = Uint8Array | ArrayBuffer | FilePath;

/** Bytes in memory of their own: `Uint8Array<ArrayBuffer>`, or `Uint8Array` before TypeScript 5.7. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/** Bytes that can be read piece by piece. */
export interface Source {
  readonly size: number;
  /** Bytes from `start` up to but not including `end`; may share memory with the source. */
  read(start: number, end: number): Uint8Array;
}

/** Whether a value names a file; a `URL` may come from another realm. */
export function isPath(value: unknown): value is FilePath {
  return typeof value === "string" || brandOf(value) === "URL";
}

/** Opens a source while `use` runs. */
export function withSource<T>(op: string, from: ByteSource, use: (source: Source) => T): T {
  if (isPath(from)) return readFrom(op, from, use);
  const bytes = bytesOf(op, from);
  return use({ size: bytes.length, read: (start, end) => bytes.subarray(start, end) });
}

/** Bytes may come from another realm: an iframe's, or the one in which Jest runs tests. */
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
