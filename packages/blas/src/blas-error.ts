import { ThalwegError } from "@thalweg/tensor";

/** The error for a library of BLAS that is not there, or that cannot be used. */
export class BlasError extends ThalwegError {
  override readonly name: string = "BlasError";
}
