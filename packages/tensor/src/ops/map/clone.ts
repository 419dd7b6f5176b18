import type { MapProgram } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { allocate } from "../operands";
import { pointwise } from "../pointwise";

/** Copies elements; the only operation that changes nothing. */
export const clone = pointwise("clone", (x) => x);

/** The kernel that copies elements, or writes one number to all of them. */
export const copyProgram: MapProgram = clone.op.program;

/** A fresh row-major copy without history. */
export function copyOf(x: Tensor): Tensor {
  const out = allocate(x.storage.backend, x.shape);
  x.storage.backend.map(copyProgram, [out], [x]);
  return out;
}
