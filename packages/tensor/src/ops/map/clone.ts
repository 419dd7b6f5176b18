import { type DType, elementTypes, type MapProgram, runMap, typedMap } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { allocate } from "../operands";
import { pointwise } from "../pointwise";

/** Copies elements; the only operation that changes nothing. */
export const clone = pointwise("clone", (x) => x);

/** The kernel that copies elements, or writes one number to all of them. */
export const copyProgram: MapProgram = clone.op.program;

/** As {@link copyProgram}, of elements of one type that become those of another. */
export function copying(from: DType, to: DType = from): MapProgram {
  if (from === "float32" && to === from) return copyProgram;
  return typedMap(copyProgram, [elementTypes[from].kind], [elementTypes[to].kind]).program;
}

/** A fresh row-major copy without history. */
export function copyOf(x: Tensor): Tensor {
  const { backend, dtype } = x.storage;
  const out = allocate(backend, dtype, x.shape);
  runMap(backend, copying(dtype), [out], [x]);
  return out;
}
