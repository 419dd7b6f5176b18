import { ThalwegError } from "@thalweg/tensor";

/** The error for processes that cannot work together, or no longer do. */
export class DistributedError extends ThalwegError {
  override readonly name: string = "DistributedError";
}
