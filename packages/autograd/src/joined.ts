import { cat, type Tensor } from "@thalweg/tensor";

/** Several tensors as one. */
export interface Joined {
  /** The elements of all, one after another; the tensor itself if there is only one. */
  readonly whole: Tensor;
  /** The parts of the whole, or of its gradient, in the shapes of the tensors. */
  readonly parts: (whole: Tensor) => Tensor[];
}

/** Joins the results of one operation into one, so that their gradients arrive together. */
export function joined(results: readonly Tensor[]): Joined {
  if (results.length === 1) return { whole: results[0]!, parts: (whole) => [whole] };
  const whole = cat(results.map((x) => x.reshape([x.size])));
  const parts = (of: Tensor) => {
    let start = 0;
    return results.map((x) => {
      start += x.size;
      return of.narrow(0, start - x.size, x.size).reshape(x.shape);
    });
  };
  return { whole, parts };
}
