import type { Tensor } from "thalweg";
import type { GroundName } from "./grounds";
import type { Surface } from "./heights";

/** The data of the first chapter: four points of y = 2x + 1. */
const data = [
  [1, 3],
  [2, 5],
  [3, 7],
  [4, 9],
] as const;

const squaredMiss = (slope: Tensor, height: Tensor, [at, value]: readonly [number, number]) =>
  slope.mul(at).add(height).sub(value).square();

/** The height of each landscape. */
export const surfaces: Readonly<Record<GroundName, Surface>> = {
  bowl: (x, y) => x.square().add(y.square()).mul(0.5),
  ravine: (x, y) => x.square().add(y.square().mul(20)).mul(0.5),
  line: (w, b) =>
    data
      .map((point) => squaredMiss(w, b, point))
      .reduce((sum, one) => sum.add(one))
      .div(data.length),
  // The valleys are at y = ±1.
  saddle: (x, y) => x.square().mul(0.5).add(y.square().sub(1).square().mul(0.25)),
  rosenbrock: (x, y) => x.sub(1).square().add(y.sub(x.square()).square().mul(100)),
  beale: (x, y) =>
    [1.5, 2.25, 2.625]
      .map((height, i) =>
        x
          .mul(y.pow(i + 1).sub(1))
          .add(height)
          .square(),
      )
      .reduce((sum, one) => sum.add(one)),
  himmelblau: (x, y) => x.square().add(y).sub(11).square().add(y.square().add(x).sub(7).square()),
  rastrigin: (x, y) =>
    [x, y]
      .map((one) =>
        one
          .square()
          .add(
            one
              .mul(2 * Math.PI)
              .cos()
              .mul(-10),
          )
          .add(10),
      )
      .reduce((sum, one) => sum.add(one)),
};

/** The height under a walker. Its place is a tensor of two elements, of any shape. */
export function heightAt(name: GroundName, place: Tensor): Tensor {
  const [x, y] = place.reshape([2]).unbind(0) as [Tensor, Tensor];
  return surfaces[name](x, y);
}
