import { ThalwegError } from "@thalweg/tensor";

/** The error for a dataset, a table, a saved state or options that cannot be used. */
export class DataError extends ThalwegError {
  override readonly name: string = "DataError";
}
