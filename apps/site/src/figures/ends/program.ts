import { stack } from "thalweg";
import type { Point } from "../../frame/use-url-state";
import { heightsOf } from "../../terrain/heights";
import { type BatchSize, region } from "../../wave/layout";
import { deepest, lossOf, settle, walkInBatches } from "../../wave/wave";
import { crowd } from "./layout";

/** Where a crowd of walkers has come to. */
export interface Ends {
  readonly places: readonly Point[];
  /** Which of them are in the deepest valley. */
  readonly areDeep: readonly boolean[];
}

/** Bottoms whose losses differ less are equally deep. */
const tolerance = 1e-3;

let lowest: number | undefined;

/** Computes the figure of where walkers end. */
export const program = {
  /** Walks that all begin at the same place, with batches of their own. */
  ends(start: Point, batch: BatchSize, rate: number, seed: number): Ends {
    lowest ??= deepest();
    const starts = Array.from({ length: crowd }, () => start);
    const walkers = walkInBatches(starts, batch, rate, seed);
    const bottoms = settle(walkers);
    return {
      places: walkers.toArray() as unknown as Point[],
      areDeep: bottoms.map((loss) => loss < lowest! + tolerance),
    };
  },

  /** The loss at each place of the map. */
  heights: () => heightsOf((frequency, phase) => lossOf(stack([frequency, phase], 1)), region),
};
