import { ThalwegError } from "@thalweg/tensor";

/** The error for bytes that are not a readable safetensors file, and for values that cannot be written as one. */
export class SafetensorsError extends ThalwegError {
  override readonly name: string = "SafetensorsError";
  /** Name of the wrong tensor, if it is one. */
  readonly tensor: string | undefined;

  /** Unless given, `remedy` is not part of the message, and `tensor` is undefined. */
  constructor(op: string, problem: string, remedy?: string, tensor?: string) {
    super(op, problem, remedy);
    this.tensor = tensor;
  }
}

/** The error for a checkpoint that does not fit its parts, and for values that cannot be saved in one. */
export class CheckpointError extends ThalwegError {
  override readonly name: string = "CheckpointError";
}

/** The error for a file that cannot be read or written. */
export class FileError extends ThalwegError {
  override readonly name: string = "FileError";
  /** The path as it was given. */
  readonly path: string;
  /** The system's code of the problem, such as `"ENOENT"`; undefined if the problem is not the system's. */
  readonly code: string | undefined;

  /** Unless given, there is no `cause`, and no `code`. */
  constructor(op: string, path: string, problem: string, remedy: string, cause?: unknown) {
    super(op, problem, remedy);
    this.path = path;
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (cause !== undefined) this.cause = cause;
  }
}
