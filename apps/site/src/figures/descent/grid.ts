/** The part of the plane of w and b that is shown. Both sides have the same length, so that right angles are right. */
export const shown = { w: [-1, 5], b: [-2, 4] } as const;

const cellsPerUnit = 10;

/** Points on a side of the grid: one more on each end than is shown, so that contours do not run along the edge. */
export const gridSize = (shown.w[1] - shown.w[0]) * cellsPerUnit + 3;

/** The value at an index of the grid, which may be fractional. */
export function valueAt(axis: "w" | "b", index: number): number {
  return shown[axis][0] + (index - 1) / cellsPerUnit;
}
