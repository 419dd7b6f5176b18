import { ThalwegError } from "@thalweg/tensor";

/** Bytes are not a safetensors file, or hold what cannot be read, or something cannot be written as one. */
export class SafetensorsError extends ThalwegError {
  /** Name of the tensor that is wrong, where it is one. */
  readonly tensor: string | undefined;

  constructor(op: string, problem: string, remedy?: string, tensor?: string) {
    super(op, problem, remedy);
    this.tensor = tensor;
  }
}

/** A checkpoint does not fit what it is to be loaded into, or something cannot be saved in one. */
export class CheckpointError extends ThalwegError {}
