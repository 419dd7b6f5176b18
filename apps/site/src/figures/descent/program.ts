import { init, Linear, mseLoss, SGD, type Tensor, tensor } from "thalweg";
import type { Point } from "../../frame/use-url-state";
import { gridSize, valueAt } from "../../terrain/region";
import { region } from "./region";

/** A place of the walker, and what is measured there. */
export interface Place {
  readonly w: number;
  readonly b: number;
  readonly loss: number;
  /** The slopes of the loss along w and along b. */
  readonly slopeW: number;
  readonly slopeB: number;
}

/** A walk: all places from the start on. */
export interface Walk {
  readonly places: readonly Place[];
  /** Whether it ends because the loss only grows. */
  readonly hasDiverged: boolean;
}

/** Steps of a walk that goes well. */
export const longest = 200;
/** A loss this many times that of the start is diverging. */
const explosion = 1e4;

function column(points: readonly Point[], axis: 0 | 1): Tensor {
  return tensor(points.map((point) => [point[axis]]));
}

/** Computes the figure of a line that is fitted to points. */
export const program = {
  /** The walk of gradient descent on the mean squared error of y = w·x + b. */
  walk(points: readonly Point[], [w, b]: Point, rate: number): Walk {
    const [x, y] = [column(points, 0), column(points, 1)];
    const model = new Linear(1, 1);
    init.constant_(model.weight, w);
    init.constant_(model.bias!, b);
    const optimizer = new SGD(model.parameters(), { lr: rate });
    const places: Place[] = [];
    for (let step = 0; step <= longest; step++) {
      const loss = mseLoss(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      const place = {
        w: model.weight.item(),
        b: model.bias!.item(),
        loss: loss.item(),
        slopeW: model.weight.grad!.item(),
        slopeB: model.bias!.grad!.item(),
      };
      if (!Number.isFinite(place.loss)) return { places, hasDiverged: true };
      places.push(place);
      if (place.loss > explosion * places[0]!.loss) return { places, hasDiverged: true };
      optimizer.step();
    }
    return { places, hasDiverged: false };
  },

  /** The loss at each place of the grid, row by row, from the lowest b up. */
  landscape(points: readonly Point[]): Float32Array {
    const [x, y] = [column(points, 0), column(points, 1)];
    const indices = Array.from({ length: gridSize }, (_, i) => i);
    // Tensors as small as a row need no WebAssembly, which would have to be fetched first.
    const slopes = x.mul(tensor(indices.map((i) => valueAt(region.x, i))));
    const rows = indices.map((j) => slopes.add(valueAt(region.y, j)).sub(y).square().mean(0).dataSync());
    return Float32Array.from(rows.flatMap((row) => [...row]));
  },
};
