import type { Tensor } from "../../tensor";
import { reshapeTo } from "./reshape";
import { narrow } from "./slice";

/**
 * The steps of a sequence [time, ...], as views. It is halved again and again: the gradient of a part is as large as the
 * whole, so taking one step at a time from the whole would cost the square of their number.
 */
export function stepsOf(x: Tensor): Tensor[] {
  const length = x.shape[0]!;
  if (length === 0) return [];
  if (length === 1) return [reshapeTo(x, x.shape.slice(1))];
  const half = length >> 1;
  return [...stepsOf(narrow(x, 0, 0, half)), ...stepsOf(narrow(x, 0, half, length - half))];
}
