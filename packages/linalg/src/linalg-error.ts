import { ThalwegError } from "@thalweg/tensor";

/** The error for a matrix that has no such result: it is singular, not positive definite, or not finite. */
export class LinAlgError extends ThalwegError {
  override readonly name: string = "LinAlgError";
}
