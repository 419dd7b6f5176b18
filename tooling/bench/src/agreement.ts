/**
 * Largest difference relative to the largest expected number, or to `magnitude` if that is larger: terms that cancel in a
 * sum leave their rounding errors behind.
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
