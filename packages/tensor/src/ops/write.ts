import type { Tensor } from "../tensor";
import { applyInPlace, identity } from "./in-place";
import { add, div, mul, sub } from "./map/arithmetic";
import { checkBounds, clamp } from "./map/rounding";
import type { Operand } from "./pointwise";

/** x += other, in place; returns x. Throws on a leaf that requires grad, outside of noGrad. */
export function add_(x: Tensor, other: Operand): Tensor {
  return applyInPlace(add.op, x, [x, other], "add_");
}

/** x -= other, in place; returns x. */
export function sub_(x: Tensor, other: Operand): Tensor {
  return applyInPlace(sub.op, x, [x, other], "sub_");
}

/** x *= other, in place; returns x. */
export function mul_(x: Tensor, other: Operand): Tensor {
  return applyInPlace(mul.op, x, [x, other], "mul_");
}

/** x /= other, in place; returns x. */
export function div_(x: Tensor, other: Operand): Tensor {
  return applyInPlace(div.op, x, [x, other], "div_");
}

/** Sets every element; returns x. */
export function fill_(x: Tensor, value: number): Tensor {
  return applyInPlace(identity.op, x, [value], "fill_");
}

/** Sets every element to 0; returns x. */
export function zero_(x: Tensor): Tensor {
  return applyInPlace(identity.op, x, [0], "zero_");
}

/** Overwrites the elements with those of `source`, which broadcasts; returns x. */
export function copy_(x: Tensor, source: Tensor): Tensor {
  return applyInPlace(identity.op, x, [source], "copy_");
}

/** Limits the elements to `[min, max]` in place; returns x. One bound may be missing; it does not limit. */
export function clamp_(x: Tensor, min?: number | null, max?: number | null): Tensor {
  checkBounds("clamp_", min, max);
  return applyInPlace(
    clamp.op,
    x,
    [x, min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY],
    "clamp_",
  );
}
