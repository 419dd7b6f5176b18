import { SGD, tensor } from "thalweg";
import type { Point } from "../../frame/use-url-state";
import { curvatureAt } from "../../terrain/curvature";
import { type GroundName, grounds } from "../../terrain/grounds";
import { heightsOf } from "../../terrain/heights";
import { heightAt, surfaces } from "../../terrain/surfaces";
import { longest } from "./limits";

/** A place of the walker, and the loss there. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly loss: number;
}

/** A walk: all places from the start on. */
export interface Walk {
  readonly places: readonly Place[];
  /** Whether it ends because the loss only grows. */
  readonly hasDiverged: boolean;
}

/** A loss this many times that of the start is diverging. */
const explosion = 1e4;

/** Computes the figure of the learning rate. */
export const program = {
  /** Plain gradient descent. */
  walk(ground: GroundName, start: Point, rate: number): Walk {
    const place = tensor([...start], { requiresGrad: true });
    const optimizer = new SGD([place], { lr: rate });
    const places: Place[] = [];
    for (let step = 0; step <= longest; step++) {
      const height = heightAt(ground, place);
      const loss = height.item();
      if (!Number.isFinite(loss)) return { places, hasDiverged: true };
      const [x, y] = place.dataSync() as unknown as [number, number];
      places.push({ x, y, loss });
      if (loss > explosion * places[0]!.loss) return { places, hasDiverged: true };
      optimizer.zeroGrad();
      height.backward();
      optimizer.step();
    }
    return { places, hasDiverged: false };
  },

  /** The curvature where the walk begins. */
  curvature: curvatureAt,

  /** The height of each place of the map. */
  heights: (ground: GroundName) => heightsOf(surfaces[ground], grounds[ground].region),
};
