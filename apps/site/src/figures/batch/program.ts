import { Generator, linspace, noGrad, stack, type Tensor, tensor } from "thalweg";
import type { Point } from "../../frame/use-url-state";
import { heightsOf } from "../../terrain/heights";
import { type BatchSize, examples, region } from "../../wave/layout";
import { data, lossOf, misses, shuffled, walkInBatches } from "../../wave/wave";

/** A place of the walker, what is measured there, and the slope of the batch that it looks at. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly loss: number;
  readonly slope: Point;
}

/** What can be seen from a place. */
export interface Outlook {
  /** The slopes of many batches. */
  readonly slopes: readonly Point[];
  /** The slope of all data. */
  readonly mean: Point;
  /** How far the slopes of batches are from it: the root of the mean square. */
  readonly spread: number;
  /** Points of the wave. */
  readonly wave: readonly Point[];
}

/** Batches whose slopes are drawn. */
const drawn = 200;

const pairs = (x: Tensor) => x.toArray() as unknown as Point[];

/** Computes the figure of batches. */
export const program = {
  /** The walk of gradient descent in batches. */
  walk(start: Point, batch: BatchSize, rate: number, seed: number): Place[] {
    const places: Place[] = [];
    const note = (walkers: Tensor, slope: Point) => {
      const [[x, y]] = pairs(walkers) as [Point];
      places.push({ x, y, loss: noGrad(() => lossOf(walkers)).item(), slope });
    };
    const end = walkInBatches([start], batch, rate, seed, ({ walkers, slopes }) =>
      note(walkers, pairs(slopes)[0]!),
    );
    note(end, [0, 0]);
    return places;
  },

  /** The slopes of batches at a place, and its wave. */
  outlook([x, y]: Point, batch: BatchSize, seed: number): Outlook {
    const copies = tensor(
      Array.from({ length: examples }, () => [x, y]),
      { requiresGrad: true },
    );
    // Each copy meets one example.
    misses(copies, data.x.unsqueeze(1), data.y.unsqueeze(1)).sum().backward();
    const each = copies.grad!;
    const order = shuffled(drawn, new Generator(seed)).narrow(1, 0, batch).reshape([-1]);
    const slopes = each.indexSelect(0, order).reshape([drawn, batch, 2]).mean(1);
    const across = linspace(-2, 2, 81);
    const mean = each.mean(0);
    return {
      slopes: pairs(slopes),
      mean: pairs(mean.unsqueeze(0))[0]!,
      spread: slopes.sub(mean).square().sum(1).mean().sqrt().item(),
      wave: pairs(stack([across, across.mul(x).add(y).sin()], 1)),
    };
  },

  /** The examples. */
  data: (): Point[] => {
    const [x, y] = [data.x.dataSync(), data.y.dataSync()];
    return Array.from(x, (at, i) => [at, y[i]!]);
  },

  /** The loss at each place of the map. */
  heights: () => heightsOf((frequency, phase) => lossOf(stack([frequency, phase], 1)), region),
};
