import { checkShape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../create";
import { tensor as tensorKind } from "../../kinds";
import { numbers } from "../../numbers";
import { either, list, oneOf, positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { indexSelect } from "../index/gather";
import { where } from "../map/choice";
import { sum } from "../reduce/sums";
import type { Draw } from "../sample";
import { reshapeTo } from "../view/reshape";
import { checkRank, divided, unfolded } from "./pool-windows";
import { each } from "./sizes";

/** One size for height and width, or one for each; null keeps the size of the input. */
export type OutputSize = number | null | readonly [number | null, number | null];

const op = "adaptiveAvgPool2d";

/** Means of `count` windows that cover a dimension: window i goes from ⌊i·n/count⌋ to ⌈(i + 1)·n/count⌉. */
function means(x: Tensor, dim: number, count: number): Tensor {
  const extent = x.shape[dim]!;
  if (extent % count === 0) {
    const size = extent / count;
    if (size === 1) return x;
    const windows = { dim, size, stride: size, padding: 0, dilation: 1, count };
    return divided(sum(unfolded(x, windows, 0), -1), dim, [size]);
  }
  const start = (i: number) => Math.floor((i * extent) / count);
  const lengths = numbers(op, "float64", count, (i) => Math.ceil(((i + 1) * extent) / count) - start(i));
  let most = 0;
  for (const length of lengths) most = Math.max(most, length);
  // Shorter windows are filled with elements that the sum ignores.
  const positions = numbers(op, "int32", count * most, (at) =>
    Math.min(start(Math.floor(at / most)) + (at % most), extent - 1),
  );
  const own = { dtype: x.dtype, device: x.device };
  const read = indexSelect(x, dim, tensor(positions, { dtype: "int32", device: x.device }));
  const seen = reshapeTo(read, read.shape.toSpliced(dim, 1, count, most));
  const counts = numbers(op, x.dtype, count * most, (at) =>
    at % most < lengths[Math.floor(at / most)]! ? 1 : 0,
  );
  const shape = seen.shape.map((size, d) => (d === dim || d === dim + 1 ? size : 1));
  const total = sum(where(tensor(counts, { ...own, shape }), seen, 0), dim + 1);
  return divided(total, dim, [...lengths]);
}

function adaptive(x: Tensor, outputSize: OutputSize): Tensor {
  checkRank(op, x, 2);
  const wanted =
    outputSize === null || typeof outputSize === "number" ? [outputSize, outputSize] : outputSize;
  const spatial = x.shape.slice(-2);
  if (spatial.includes(0)) {
    throw new ShapeError(op, `the image is empty, shape [${x.shape.join(", ")}]`, "pass an image", [x.shape]);
  }
  const sizes = each(
    op,
    "outputSize",
    wanted.map((size, d) => size ?? spatial[d]!),
    2,
    1,
  );
  checkShape(op, [...x.shape.slice(0, -2), ...sizes]);
  return sizes.reduceRight((y, size, d) => means(y, x.ndim - 2 + d, size), x);
}

/**
 * Means of windows that divide the image as evenly as possible, one for each element of the result; they overlap where the
 * sizes require it. [batch, channels, height, width] or [channels, height, width] -> [..., h, w] for `outputSize` [h, w].
 *
 * @example
 * adaptiveAvgPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]).toArray(); // → [[[3,4]]]
 */
export const adaptiveAvgPool2d = /* @__PURE__ */ composite(adaptive, {
  name: "adaptiveAvgPool2d",
  takes: { x: tensorKind, outputSize: either(positive, oneOf(null), list(either(positive, oneOf(null)))) },
  forward: ([x], size: OutputSize) => adaptive(x as Tensor, size),
  sample(draw: Draw) {
    const size = () => draw.int(1, 4);
    const shape = [...draw.shape(1, 2), size(), size()];
    return { inputs: [{ shape }], attrs: [size(), draw.boolean() ? size() : null] as const };
  },
  errors: [
    { shapes: [[4, 4]], args: [2] },
    { shapes: [[1, 4, 4]], args: [0] },
    { shapes: [[1, 4, 4]], args: [[1, 2, 3]] },
    { shapes: [[1, 0, 4]], args: [1] },
  ],
});
