/** The part of a plane that a map shows. */
export interface Region {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

const cells = 60;

/** Points on a side of the grid of a region: one more on each end than is shown, so that contours do not run along the edge. */
export const gridSize = cells + 3;

/** The value at an index of a side of the grid, which may be fractional. */
export function valueAt([low, high]: readonly [number, number], index: number): number {
  return low + ((index - 1) * (high - low)) / cells;
}
