import type { DType } from "thalweg";

/**
 * A value passes when |actual - expected| <= absolute + relative * |expected|.
 *
 * float64 shows that the formulas are PyTorch's: fixtures hold 15 significant digits and sums of a few
 * terms lose one or two, so an error beyond 1e-11 comes from another formula, not from rounding.
 *
 * float32 shows that the fast kernels are accurate: they start from the same numbers (every input is exact
 * in float32) and round at each step, by 6e-8. These bounds are `torch.testing.assert_close`'s own.
 *
 * Ints are exact.
 */
export const tolerances: Record<DType, { readonly relative: number; readonly absolute: number }> = {
  float64: { relative: 1e-11, absolute: 1e-12 },
  float32: { relative: 1.3e-6, absolute: 1e-5 },
  int32: { relative: 0, absolute: 0 },
  bool: { relative: 0, absolute: 0 },
};
