import { onesLike } from "../../create";
import { tensor } from "../../kinds";
import { operation, optional, positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { allocateZeros } from "../operands";
import { amax } from "../reduce/extrema";
import { reshapeTo } from "../view/reshape";
import { scatterOp } from "./gather";
import { namedAsync } from "./on-host";

/**
 * Encodes each index as a vector of length `classes` with a single 1: [...] -> [..., classes]. `classes` is one more than the largest
 * index unless given.
 *
 * @throws IndexError when an index is not a whole number below `classes`, or there are no classes; DeviceError without `classes` on
 * WebGPU, where {@link oneHotAsync} works.
 * @example
 * tensor([2, 0]).oneHot(3).toArray(); // → [[0,0,1],[1,0,0]]
 */
export const oneHot = operation(
  "oneHot",
  { index: tensor, classes: optional(positive) },
  (index: Tensor, classes = amax(index).item() + 1): Tensor => {
    const shape = [...index.shape, classes];
    const column = reshapeTo(index.detach(), [...index.shape, 1]);
    const ones = onesLike(column);
    return apply(scatterOp, [allocateZeros(index, shape), column, ones], { op: "oneHot", dim: index.ndim });
  },
);

/** Does the same as {@link oneHot} without `classes`, on every device. */
export const oneHotAsync = /* @__PURE__ */ operation(
  "oneHotAsync",
  { index: tensor },
  (index: Tensor): Promise<Tensor> =>
    namedAsync("oneHotAsync", async () => oneHot(index, (await amax(index).itemAsync()) + 1)),
);
