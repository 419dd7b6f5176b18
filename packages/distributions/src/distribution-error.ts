import { ThalwegError } from "@thalweg/tensor";

/** The error for parameters that a distribution cannot have, values that it does not have, and divergences that have no formula. */
export class DistributionError extends ThalwegError {
  override readonly name: string = "DistributionError";
}
