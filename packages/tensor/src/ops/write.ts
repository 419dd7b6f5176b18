import { maybeOperand, operand, tensor } from "../kinds";
import { number, operation } from "../signature";
import type { Tensor } from "../tensor";
import { applyInPlace } from "./in-place";
import { add, div, mul, sub } from "./map/arithmetic";
import { clone } from "./map/clone";
import { checkBounds, clamp, highest, lowest } from "./map/rounding";
import type { Operand } from "./pointwise";

/** x += other, in place; returns x. Throws for a leaf that requires grad, except within `noGrad`. */
export const add_ = operation("add_", { x: tensor, other: operand }, (x: Tensor, other: Operand): Tensor => {
  return applyInPlace(add.op, x, [x, other], "add_");
});

/** x -= other, in place; returns x. */
export const sub_ = operation("sub_", { x: tensor, other: operand }, (x: Tensor, other: Operand): Tensor => {
  return applyInPlace(sub.op, x, [x, other], "sub_");
});

/** x *= other, in place; returns x. */
export const mul_ = operation("mul_", { x: tensor, other: operand }, (x: Tensor, other: Operand): Tensor => {
  return applyInPlace(mul.op, x, [x, other], "mul_");
});

/** x /= other, in place; returns x. */
export const div_ = operation("div_", { x: tensor, other: operand }, (x: Tensor, other: Operand): Tensor => {
  return applyInPlace(div.op, x, [x, other], "div_");
});

/** Sets every element; returns x. */
export const fill_ = operation("fill_", { x: tensor, value: number }, (x: Tensor, value: number): Tensor => {
  return applyInPlace(clone.op, x, [value], "fill_");
});

/** Sets every element to 0; returns x. */
export const zero_ = operation("zero_", { x: tensor }, (x: Tensor): Tensor => {
  return applyInPlace(clone.op, x, [0], "zero_");
});

/** Overwrites the elements with those of `source`, which broadcasts; returns x. */
export const copy_ = operation(
  "copy_",
  { x: tensor, source: tensor },
  (x: Tensor, source: Tensor): Tensor => {
    return applyInPlace(clone.op, x, [source], "copy_");
  },
);

/** Limits the elements to `[min, max]` in place; returns x. `min` and `max` limit nothing unless given, but one must be given. */
export const clamp_ = operation(
  "clamp_",
  { x: tensor, min: maybeOperand, max: maybeOperand },
  (x: Tensor, min?: number | null, max?: number | null): Tensor => {
    checkBounds("clamp_", min, max);
    return applyInPlace(clamp.op, x, [x, min ?? lowest(x), max ?? highest(x)], "clamp_");
  },
);
