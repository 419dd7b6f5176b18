import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { gatherOp } from "../index/gather";
import type { Sorted } from "../index/sort";
import { add, div, mul, remainder, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { ge, isNaN, lt } from "../map/comparison";
import { positionsAlong } from "../positions";
import { amax, arg } from "../reduce/extrema";
import { reshapeTo } from "../view/reshape";
import { unfoldOp } from "../view/view";
import { type MaxPoolOptions, padded, plan, type Windows } from "./pool-windows";
import type { Sizes } from "./sizes";

/** The elements of each window as the last dimension. */
function windowsOf(x: Tensor, all: readonly Windows[]): Tensor {
  const wide = all.reduce((y, windows) => padded(y, windows, Number.NEGATIVE_INFINITY), x);
  const seen = all.reduce((y, { dim, size, stride, dilation, count }) => {
    return apply(unfoldOp, [y], { dim, size, step: stride, spacing: dilation }).narrow(dim, 0, count);
  }, wide);
  return reshapeTo(seen, [
    ...seen.shape.slice(0, x.ndim),
    all.reduce((product, { size }) => product * size, 1),
  ]);
}

/** The largest element of each window, as its number among them: the first of equal ones, or the last NaN. */
function largestOf(windows: Tensor): Tensor {
  const last = windows.ndim - 1;
  const missing = where(isNaN(windows), positionsAlong(windows, windows.shape, last), -1);
  const lastNaN = amax(missing, last);
  return where(ge(lastNaN, 0), lastNaN, arg("maxPool", "max", windows, last, false));
}

/** Positions along one dimension. A window of -∞ alone, which selects its first element, selects none of the padding. */
function placesOf(element: Tensor, { dim, stride, padding, dilation }: Windows): Tensor {
  const starts = sub(mul(positionsAlong(element, element.shape, dim), stride), padding);
  const places = add(starts, mul(element, dilation));
  return where(lt(places, 0), remainder(starts, dilation), places);
}

/** The largest element of each window, and its position in the flattened spatial dimensions of the input. */
export function maxPoolWithIndices(
  op: string,
  count: number,
  x: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions,
): Sorted {
  const all = plan(op, x, kernelSize, options, count);
  let element = largestOf(windowsOf(x.detach(), all));
  const places = all.toReversed().map((windows) => {
    const own = remainder(element, windows.size);
    element = to(div(sub(element, own), windows.size), "int32");
    return placesOf(own, windows);
  });
  const indices = places
    .toReversed()
    .reduce((index, place, k) => add(mul(index, x.shape[all[k]!.dim]!), place));
  const flat = (y: Tensor) => y.flatten(y.ndim - count);
  const values = apply(gatherOp, [flat(x), flat(indices)], { op, dim: x.ndim - count });
  return { values: reshapeTo(values, indices.shape), indices };
}
