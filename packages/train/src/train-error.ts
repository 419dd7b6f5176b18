import { ThalwegError } from "@thalweg/tensor";

/** The error for a training program that cannot go on, or a state that does not fit it. */
export class TrainError extends ThalwegError {
  override readonly name: string = "TrainError";
}
