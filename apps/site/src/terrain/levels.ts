const count = 14;

/**
 * Heights of contours. With a bend of 2 they lie at even distances in a round bowl, where the height grows with the square of the
 * distance; steeper walls need more.
 */
export function levelsOf(heights: Float32Array, bend = 2): number[] {
  const low = heights.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = heights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return Array.from({ length: count }, (_, i) => low + (high - low) * ((i + 0.5) / count) ** bend);
}
