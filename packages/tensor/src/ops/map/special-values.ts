import { isFloating } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { number, operation, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { pointwise } from "../pointwise";
import { ne } from "./comparison";

const infinite = /* @__PURE__ */ pointwise("isInf", (x) => x.abs().eq(Number.POSITIVE_INFINITY));

/** Whether x is infinite, of either sign. */
export const isInf = /* @__PURE__ */ operation("isInf", { x: tensor }, (x: Tensor): Tensor => {
  return isFloating(x.dtype) ? infinite(x) : ne(x, x);
});

const replaced = /* @__PURE__ */ pointwise("nanToNum", (x, nan, posinf, neginf) =>
  x
    .ne(x)
    .choose(
      nan,
      x.eq(Number.POSITIVE_INFINITY).choose(posinf, x.eq(Number.NEGATIVE_INFINITY).choose(neginf, x)),
    ),
);

/** Options of {@link nanToNum}. */
export interface NanToNumOptions {
  /** In place of NaN; 0 unless given. */
  readonly nan?: number;
  /** In place of Infinity; the largest number of the type unless given. */
  readonly posinf?: number;
  /** In place of -Infinity; the smallest number of the type unless given. */
  readonly neginf?: number;
}

/** The largest finite numbers. */
const largest = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/**
 * Replaces NaN and infinities by numbers. The gradient is 0 there. Whole numbers and conditions are copied as they are.
 *
 * @example
 * nanToNum(tensor([1, Number.NaN, Number.NEGATIVE_INFINITY]), { neginf: -5 }).toArray(); // → [1,0,-5]
 */
export const nanToNum = /* @__PURE__ */ operation(
  "nanToNum",
  { x: tensor, options: options({ nan: number, posinf: number, neginf: number }) },
  (x: Tensor, options: NanToNumOptions = {}): Tensor => {
    if (!isFloating(x.dtype)) return x.clone();
    const most = x.dtype === "float64" ? largest.float64 : largest.float32;
    const { nan = 0, posinf = most, neginf = -most } = options;
    return replaced(x, nan, posinf, neginf);
  },
);
