import { stack } from "thalweg";
import type { Point } from "../../frame/use-url-state";
import { heightsOf } from "../../terrain/heights";
import { type BatchSize, examples, region } from "../../wave/layout";
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
    // With all data in each batch, all of them walk as one does.
    const distinct = batch === examples ? 1 : crowd;
    const walkers = walkInBatches(new Array<Point>(distinct).fill(start), batch, rate, seed);
    const places = walkers.toArray() as unknown as Point[];
    const bottoms = settle(walkers);
    const areDeep = bottoms.map((loss) => loss < lowest! + tolerance);
    const repeated = <T>(each: T[]): T[] => new Array<T[]>(crowd / distinct).fill(each).flat();
    return { places: repeated(places), areDeep: repeated(areDeep) };
  },

  /** The loss at each place of the map. */
  heights: () => heightsOf((frequency, phase) => lossOf(stack([frequency, phase], 1)), region),
};
