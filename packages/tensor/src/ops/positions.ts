import { type DType, positions, type Shape } from "@thalweg/kernels";
import { Tensor } from "../tensor";

/**
 * The position along `dim` of each element of a shape, on the device of `x`; int32 unless `dtype` is given. Its memory
 * is shared: nothing may be written to it.
 */
export function positionsAlong(x: Tensor, shape: Shape, dim: number, dtype: DType = "int32"): Tensor {
  const { storage, layout } = positions(x.storage.backend, dtype, shape, dim);
  return new Tensor(storage, layout);
}
