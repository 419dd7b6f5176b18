import type { Point } from "../frame/use-url-state";
import type { Region } from "../terrain/region";

/** Examples that the wave is fitted to. A power of two, so that batches divide them. */
export const examples = 64;

/** The sizes that a batch may have. */
export const batchSizes = [1, 2, 4, 8, 16, 32, 64] as const;

/** The size of a batch. */
export type BatchSize = (typeof batchSizes)[number];

/** Steps of a walk, whatever the size of its batches. */
export const longest = 320;

/** The frequencies (x) and the phases (y) of the map. */
export const region: Region = { x: [-1, 6.5], y: [-7.2, 4.2] };

/** In a shallow valley. */
export const shallow: Point = [4.9, -1.5];
