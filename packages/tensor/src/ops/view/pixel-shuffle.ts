import { formatShape, type Shape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { positive } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite } from "../define-op";
import type { Draw } from "../sample";
import { reshapeTo } from "./reshape";
import { permuteOp } from "./view";

/** Channels, height and width. */
type Image = readonly [number, number, number];

function parts(op: string, x: Tensor): { batch: Shape; image: Image } {
  if (x.ndim < 3) {
    throw new ShapeError(
      op,
      `needs channels, height and width, got shape ${formatShape(x.shape)}`,
      "unsqueeze it first",
      [x.shape],
    );
  }
  return { batch: x.shape.slice(0, -3), image: x.shape.slice(-3) as unknown as Image };
}

function refuse(op: string, x: Tensor, what: string): ShapeError {
  return new ShapeError(op, `${what}, shape ${formatShape(x.shape)}`, "use a factor that divides", [x.shape]);
}

/** Reshapes the last three dimensions into five, reorders these, and reshapes them into three. */
function rearranged(x: Tensor, batch: Shape, five: Shape, order: readonly number[], image: Image): Tensor {
  const dims = [...batch.map((_, d) => d), ...order.map((d) => d + batch.length)];
  return reshapeTo(apply(permuteOp, [reshapeTo(x, [...batch, ...five])], dims), [...batch, ...image]);
}

function shuffled(x: Tensor, r: number): Tensor {
  const { batch, image } = parts("pixelShuffle", x);
  const [channels, height, width] = image;
  if (channels % (r * r) !== 0)
    throw refuse("pixelShuffle", x, `${channels} channels are not a multiple of ${r}²`);
  const c = channels / (r * r);
  return rearranged(x, batch, [c, r, r, height, width], [0, 3, 1, 4, 2], [c, height * r, width * r]);
}

function unshuffled(x: Tensor, r: number): Tensor {
  const { batch, image } = parts("pixelUnshuffle", x);
  const [channels, height, width] = image;
  if (height % r !== 0 || width % r !== 0) {
    throw refuse("pixelUnshuffle", x, `${height} x ${width} pixels are not in squares of ${r}`);
  }
  const [h, w] = [height / r, width / r];
  return rearranged(x, batch, [channels, h, r, w, r], [0, 2, 4, 1, 3], [channels * r * r, h, w]);
}

const batches = (draw: Draw) => draw.shape(0, 2);

/**
 * Makes images larger from their channels: [..., c·r², h, w] -> [..., c, h·r, w·r], where r is `upscaleFactor` (Shi et al., 2016). A
 * copy, unless r is 1.
 *
 * @throws ShapeError when the channels are no multiple of r².
 */
export const pixelShuffle = /* @__PURE__ */ composite(shuffled, {
  name: "pixelShuffle",
  takes: { x: tensor, upscaleFactor: positive },
  forward: ([x], r: number) => shuffled(x as Tensor, r),
  sample(draw) {
    const r = draw.int(1, 2);
    const shape = [...batches(draw), draw.int(1, 2) * r * r, draw.int(1, 2), draw.int(1, 2)];
    return { inputs: [{ shape }], attrs: r };
  },
  errors: [
    { shapes: [[3, 2, 2]], args: [2] },
    { shapes: [[2, 2]], args: [1] },
  ],
});

/**
 * Puts squares of pixels into channels: [..., c, h·r, w·r] -> [..., c·r², h, w], where r is `downscaleFactor`. The opposite of
 * {@link pixelShuffle}. A copy, unless r is 1.
 *
 * @throws ShapeError when r does not divide height and width.
 */
export const pixelUnshuffle = /* @__PURE__ */ composite(unshuffled, {
  name: "pixelUnshuffle",
  takes: { x: tensor, downscaleFactor: positive },
  forward: ([x], r: number) => unshuffled(x as Tensor, r),
  sample(draw) {
    const r = draw.int(1, 2);
    const shape = [...batches(draw), draw.int(1, 2), draw.int(1, 2) * r, draw.int(1, 2) * r];
    return { inputs: [{ shape }], attrs: r };
  },
  errors: [
    { shapes: [[1, 2, 3]], args: [2] },
    { shapes: [[2, 2]], args: [1] },
  ],
});
