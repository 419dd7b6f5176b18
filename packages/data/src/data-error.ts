import { ThalwegError } from "@thalweg/tensor";

/** A dataset, or the options it is loaded with, cannot be used. */
export class DataError extends ThalwegError {
  override readonly name: string = "DataError";
}
