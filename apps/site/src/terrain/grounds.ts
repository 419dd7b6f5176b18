import type { Point } from "../frame/use-url-state";
import type { Region } from "./region";

/** A landscape that walkers walk on. */
export interface Ground {
  readonly region: Region;
  /** Where walks begin, unless the reader chooses another place. */
  readonly start: Point;
  /** How steeply its walls rise, for the contours of its map. */
  readonly bend: number;
}

const square = (reach: number): Region => ({ x: [-reach, reach], y: [-reach, reach] });

/** All landscapes. The lowest height of each is 0. */
export const grounds = {
  bowl: { region: square(3), start: [-2.4, 1.8], bend: 2 },
  ravine: { region: square(3), start: [-2.4, 1.8], bend: 2 },
  /** The loss of a line, as in the first chapter: x is its slope, y its height at 0. */
  line: { region: { x: [-1, 5], y: [-2, 4] }, start: [0, 0], bend: 2 },
  saddle: { region: square(2), start: [-1.7, 0.001], bend: 2 },
  rosenbrock: { region: { x: [-2, 2], y: [-1, 3] }, start: [-1.4, 1.6], bend: 5 },
  beale: { region: square(4.5), start: [0.6, 1.8], bend: 8 },
  himmelblau: { region: square(5), start: [-0.5, -1.5], bend: 3 },
  rastrigin: { region: square(3), start: [-2.3, 1.7], bend: 1.2 },
} as const satisfies Record<string, Ground>;

/** The name of a landscape. */
export type GroundName = keyof typeof grounds;
