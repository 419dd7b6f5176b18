import { hessian, tensor } from "thalweg";
import type { Point } from "../frame/use-url-state";
import type { GroundName } from "./grounds";
import { heightAt } from "./surfaces";

/** How strongly a landscape is curved along its steepest and along its flattest direction. */
export interface Curvature {
  readonly steep: number;
  readonly flat: number;
}

/** The eigenvalues of the Hessian at a place. */
export function curvatureAt(ground: GroundName, place: Point): Curvature {
  const second = hessian((x) => heightAt(ground, x), tensor([...place]));
  const [xx, xy, , yy] = second.dataSync() as unknown as [number, number, number, number];
  const [middle, spread] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  return { steep: middle + spread, flat: middle - spread };
}
