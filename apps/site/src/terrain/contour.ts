import { contours } from "d3-contour";

/**
 * The contour of a height, as the path of a drawing.
 *
 * @param heights row by row, on a grid of `size` by `size`
 * @param at the place on the drawing of a place on the grid, whose indices may be fractional
 */
export function contourPath(
  heights: Float32Array,
  size: number,
  level: number,
  at: (i: number, j: number) => readonly [x: number, y: number],
): string {
  const { coordinates } = contours()
    .size([size, size])
    .contour(heights as unknown as number[], level);
  // Contours are in cells, whose middles are the places of the grid.
  const corner = ([i, j]: readonly number[]) =>
    at(i! - 0.5, j! - 0.5)
      .map((value) => value.toFixed(1))
      .join();
  return coordinates
    .flat()
    .map((ring) => `M${ring.map(corner).join("L")}Z`)
    .join("");
}
