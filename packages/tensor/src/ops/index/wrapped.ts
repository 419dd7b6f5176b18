import { DTypeError } from "@thalweg/kernels";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { pointwise } from "../pointwise";
import { positionsAlong } from "../positions";
import { reshapeTo } from "../view/reshape";
import { gatherOp } from "./gather";

const fromEnd = /* @__PURE__ */ pointwise("fromEnd", (index, extent) =>
  index.lt(0).choose(index.ge(extent.neg()).choose(index.add(extent), index), index),
);

/** Positions from 0 on in place of negative ones, which count from the end. Wrong ones stay, for the kernel to refuse. */
export function wrapped(op: string, index: Tensor, extent: number): Tensor {
  if (index.dtype === "bool") {
    throw new DTypeError(op, "an index must be whole numbers, got bool", "choose by a condition with where");
  }
  return fromEnd(index, extent);
}

/** The same positions as int32, none negative. A wrong one is refused by the kernel that looks it up. */
export function checkedPositions(op: string, index: Tensor, extent: number): Tensor {
  const flat = reshapeTo(wrapped(op, index, extent), [index.size]);
  const all = positionsAlong(index, [extent], 0);
  return reshapeTo(apply(gatherOp, [all, flat], { op, dim: 0 }), index.shape);
}
