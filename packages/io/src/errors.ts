import { ThalwegError } from "@thalweg/tensor";

/** Bytes are not a safetensors file, or hold what cannot be read, or something cannot be written as one. */
export class SafetensorsError extends ThalwegError {
  override readonly name: string = "SafetensorsError";
  /** Name of the tensor that is wrong, where it is one. */
  readonly tensor: string | undefined;

  /** Unless given, `remedy` is not part of the message, and `tensor` is undefined. */
  constructor(op: string, problem: string, remedy?: string, tensor?: string) {
    super(op, problem, remedy);
    this.tensor = tensor;
  }
}

/** A checkpoint does not fit what it is to be loaded into, or something cannot be saved in one. */
export class CheckpointError extends ThalwegError {
  override readonly name: string = "CheckpointError";
}

/** A file cannot be read or written. */
export class FileError extends ThalwegError {
  override readonly name: string = "FileError";
  /** The path as it was given. */
  readonly path: string;
  /** What the system calls the problem, as `"ENOENT"`; undefined where it was not the system that refused. */
  readonly code: string | undefined;

  /** The error has the `cause` that is given; unless given, it has none, and no `code`. */
  constructor(op: string, path: string, problem: string, remedy: string, cause?: unknown) {
    super(op, problem, remedy);
    this.path = path;
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (cause !== undefined) this.cause = cause;
  }
}
