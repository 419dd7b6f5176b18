const count = 14;

/** Heights of contours that lie at even distances in a round bowl, where the height grows with the square of the distance. */
export function levelsOf(landscape: Float32Array): number[] {
  const low = landscape.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = landscape.reduce((a, b) => Math.max(a, b), 0);
  return Array.from({ length: count }, (_, i) => low + (high - low) * ((i + 0.5) / count) ** 2);
}
