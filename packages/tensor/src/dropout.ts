import { formatShape, type Shape, ShapeError } from "@thalweg/kernels";
import { tensor } from "./kinds";
import { div, mul } from "./ops/map/arithmetic";
import { bernoulli, type Generator, generatorKind } from "./random";
import { boolean, operation, options, probability } from "./signature";
import type { Tensor } from "./tensor";

/** Options of {@link dropout} and {@link dropout2d}. */
export interface DropOptions {
  /** The probability of 0; 0.5 unless given. */
  readonly p?: number;
  /** Whether anything is dropped; true unless given. */
  readonly training?: boolean;
  /** The source of random numbers; the one that {@link manualSeed} seeds unless given. */
  readonly generator?: Generator;
}

const takes = {
  x: tensor,
  options: /* @__PURE__ */ options<DropOptions>({
    p: probability,
    training: boolean,
    generator: generatorKind,
  }),
};

/** Drops elements, and with them all that lie along dimensions where `shape` is 1. */
function dropped(x: Tensor, shape: Shape, { p = 0.5, training = true, generator }: DropOptions): Tensor {
  if (p === 0 || !training) return x;
  if (p === 1) return mul(x, 0);
  const place = { device: x.device, dtype: x.dtype };
  const kept = bernoulli(shape, 1 - p, generator === undefined ? place : { ...place, generator });
  return mul(x, div(kept, 1 - p));
}

/**
 * Sets elements to 0 with probability `p` and divides the others by 1 - p, so that the mean stays the same (Hinton et al.,
 * 2012). Returns x itself if p is 0 or `training` false.
 *
 * @example
 * dropout(tensor([1, 2]), { p: 1 }).toArray(); // → [0,0]
 */
export const dropout = /* @__PURE__ */ operation(
  "dropout",
  takes,
  (x: Tensor, options: DropOptions = {}): Tensor => dropped(x, x.shape, options),
);

/**
 * Drops whole channels of [n, c, ...], each with probability `p`, as {@link dropout} drops elements (Tompson et al., 2015).
 *
 * @throws ShapeError when x has fewer than three dimensions.
 */
export const dropout2d = /* @__PURE__ */ operation(
  "dropout2d",
  takes,
  (x: Tensor, options: DropOptions = {}): Tensor => {
    if (x.ndim < 3) {
      throw new ShapeError(
        "dropout2d",
        `needs channels of several elements, got shape ${formatShape(x.shape)}`,
        "pass [n, c, h, w]",
        [x.shape],
      );
    }
    const shape = x.shape.map((extent, d) => (d < 2 ? extent : 1));
    return dropped(x, shape, options);
  },
);
