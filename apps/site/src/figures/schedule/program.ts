import { Generator, randn, SGD, type Tensor, tensor } from "thalweg";
import type { Point } from "../../frame/use-url-state";
import type { ScheduleName } from "../../schedules/names";
import { schedule } from "../../schedules/schedule";
import { curvatureAt } from "../../terrain/curvature";
import { grounds } from "../../terrain/grounds";
import { heightsOf } from "../../terrain/heights";
import { surfaces } from "../../terrain/surfaces";
import { crowd, longest } from "./limits";

/** What a schedule did. */
export interface ScheduledWalk {
  /** The rate of each step. */
  readonly rates: readonly number[];
  /** The loss at each step, the mean over all walkers. */
  readonly losses: readonly number[];
  /** The places of the first walker. */
  readonly places: readonly { readonly x: number; readonly y: number }[];
}

/** A loss this high is off every chart. */
const explosion = 1e4;

/** Computes the figure of schedules: gradient descent in the ravine, on slopes that are measured with errors. */
export const program = {
  /** A crowd of walkers, each with errors of its own. */
  walk(name: ScheduleName, start: Point, rate: number, noise: number, seed: number): ScheduledWalk {
    const generator = new Generator(seed);
    const walkers = tensor(
      Array.from({ length: crowd }, () => [...start]),
      { requiresGrad: true },
    );
    const optimizer = new SGD([walkers], { lr: rate });
    const changes = schedule(name, optimizer, rate, longest);
    const walk = { rates: [] as number[], losses: [] as number[], places: [] as { x: number; y: number }[] };
    for (let step = 0; step <= longest; step++) {
      const [x, y] = walkers.unbind(1) as [Tensor, Tensor];
      const heights = surfaces.ravine(x, y);
      const loss = heights.mean().item();
      if (!(loss < explosion)) break;
      walk.rates.push(optimizer.paramGroups[0]!.lr);
      walk.losses.push(loss);
      const [firstX, firstY] = walkers.dataSync() as unknown as [number, number];
      walk.places.push({ x: firstX, y: firstY });
      optimizer.zeroGrad();
      heights.sum().backward();
      walkers.grad!.add_(randn([crowd, 2], { generator }).mul(noise));
      optimizer.step();
      changes.step(loss);
    }
    return walk;
  },

  /** The curvature where the walk begins. */
  curvature: (start: Point) => curvatureAt("ravine", start),

  /** The height of each place of the map. */
  heights: () => heightsOf(surfaces.ravine, grounds.ravine.region),
};
