import { ThalwegError } from "@thalweg/tensor";

/** The error for a batch that a metric cannot count, for a result of nothing, and for metrics that do not fit together. */
export class MetricError extends ThalwegError {
  override readonly name: string = "MetricError";
}
