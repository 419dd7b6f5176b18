/**
 * Largest difference as a share of the largest number expected, at least of `magnitude`: what cancels in a
 * sum leaves its rounding behind.
 */
export function disagreement(actual: Float32Array, expected: Float32Array, magnitude = 1): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, scale] = [0, magnitude];
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!);
    if (!(distance <= difference)) difference = distance;
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference / scale;
}
