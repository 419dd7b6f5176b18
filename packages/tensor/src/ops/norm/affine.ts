import { formatShape, type Shape, ShapeError, sameShape } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { add, mul } from "../map/arithmetic";
import { pointwise, type Ternary } from "../pointwise";

const affine: Ternary = /* @__PURE__ */ pointwise("affine", (x, weight, bias) => x.mul(weight).add(bias));

/** x·weight + bias. Either may be missing; both broadcast. */
export function scaled(
  x: Tensor,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
): Tensor {
  if (weight) return bias ? affine(x, weight, bias) : mul(x, weight);
  return bias ? add(x, bias) : x;
}

/** Throws if a weight or bias is given and does not have this shape. */
export function checkAffine(op: string, what: string, given: Tensor | null | undefined, shape: Shape): void {
  if (given && !sameShape(given.shape, shape)) {
    throw new ShapeError(
      op,
      `the ${what} does not fit, ${formatShape(given.shape)} and ${formatShape(shape)}`,
      `it must have shape ${formatShape(shape)}`,
      [given.shape],
    );
  }
}
