// Written by `pnpm methods` from the functions in ops/more.ts; a test compares.

import type { NanToNumOptions } from "./ops/map/special-values";
import type { Tensor } from "./tensor";

/** The methods that `import "@thalweg/tensor/methods"` adds to every tensor. */
export interface MoreMethods {
  /** Whether x is infinite, of either sign. */
  isInf(): Tensor;
  /**
   * Replaces NaN and infinities by numbers. The gradient is 0 there. Whole numbers and conditions are copied as they are.
   *
   * @example
   * nanToNum(tensor([1, Number.NaN, Number.NEGATIVE_INFINITY]), { neginf: -5 }).toArray(); // → [1,0,-5]
   */
  nanToNum(options?: NanToNumOptions): Tensor;
}
