import type { Tensor } from "../../tensor";
import { cat } from "../join/cat";
import { minimum } from "../map/arithmetic";
import { clone } from "../map/clone";
import { eq } from "../map/comparison";
import { pointwise } from "../pointwise";
import { positionsAlong } from "../positions";
import { unsqueeze } from "../view/shape";
import { narrow } from "../view/slice";
import { gather, indexSelect } from "./gather";

/** The position of the larger of two elements: q if they belong together and w is larger, or the first NaN, else p. */
const larger = /* @__PURE__ */ pointwise("largerOfSegment", (belong, v, w, p, q) =>
  belong
    .mul(w.gt(v).add(w.ne(w).mul(v.eq(v))))
    .ne(0)
    .choose(q, p),
);

/**
 * The largest elements of segments of rows: [rows, features] -> [segments, features]. The first of equal elements takes the
 * gradient. Segments without rows get others' elements.
 *
 * @param of the segment of each row, in ascending order
 * @param starts the first row of each segment
 */
export function largestOfSegments(x: Tensor, of: Tensor, starts: Tensor): Tensor {
  const count = x.shape[0]!;
  const values = x.detach();
  // Each position first stands for its own row, then for twice as many rows from it on at every step.
  let found = clone(positionsAlong(x, x.shape, 0));
  for (let step = 1; step < count; step *= 2) {
    const [length, here] = [count - step, gather(values, 0, found)];
    const first = (y: Tensor) => narrow(y, 0, 0, length);
    const later = (y: Tensor) => narrow(y, 0, step, length);
    const belong = unsqueeze(eq(first(of), later(of)), 1);
    const chosen = larger(belong, first(here), later(here), first(found), later(found));
    found = cat([chosen, narrow(found, 0, length, step)], 0);
  }
  return gather(x, 0, indexSelect(found, 0, minimum(starts, count - 1)));
}
