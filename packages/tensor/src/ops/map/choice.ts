import { operand, tensor } from "../../kinds";
import { operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { conditionFor, to } from "../cast";
import { type Operand, pointwise, type Ternary } from "../pointwise";
import { anywhere, type Domain } from "../sample";

const mask: Domain = { min: 0, max: 1, whole: true };

const chosen: Ternary = pointwise("where", (condition, a, b) => condition.choose(a, b), {
  domain: [mask, anywhere, anywhere],
});

/**
 * Elements of `a` where `condition` is nonzero, and of `b` elsewhere. All three broadcast.
 *
 * @example
 * const x = tensor([-1, 2]);
 * where(x.gt(0), x, 0).toArray(); // → [0,2]
 */
export const where = operation(
  "where",
  { condition: operand, a: operand, b: operand },
  (condition: Operand, a: Operand, b: Operand): Tensor => {
    return chosen(conditionFor(condition, typeof a === "number" ? b : a), a, b);
  },
  chosen.op,
);

const filled: Ternary = pointwise("maskedFill", (x, m, value) => m.choose(value, x), {
  domain: [anywhere, mask, anywhere],
});

/** A copy of `x` with `value` where `mask` is nonzero, in the type of `x`. */
export const maskedFill = operation(
  "maskedFill",
  { x: tensor, mask: tensor, value: operand },
  (x: Tensor, mask: Tensor, value: Operand): Tensor => {
    const result = filled(x, conditionFor(mask, x), value);
    return result.dtype === x.dtype ? result : to(result, x.dtype);
  },
  filled.op,
);
