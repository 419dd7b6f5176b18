import { formatShape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { options, positive, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { square } from "../map/arithmetic";
import { clone } from "../map/clone";
import { pointwise } from "../pointwise";
import type { Draw } from "../sample";
import { sumOfWindows } from "../window/pool";

/** Options of {@link localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** Factor of the mean square; 1e-4 unless given. */
  readonly alpha?: number;
  /** Exponent; 0.75 unless given. */
  readonly beta?: number;
  /** Added to the mean square; 1 unless given. */
  readonly k?: number;
}

const damped = /* @__PURE__ */ pointwise(
  "localResponseNorm",
  (x, total, share, k, beta) => x.div(total.mul(share).add(k).pow(beta)),
  { domain: { min: 0.25, max: 2 } },
);

function responses(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (x.ndim < 3) {
    throw new ShapeError(
      "localResponseNorm",
      `the input has shape ${formatShape(x.shape)}`,
      "it must be [batch, channels, ...], with one more dimension at least",
      [x.shape],
    );
  }
  if (x.size === 0) return clone(x);
  const windows = { dim: 1, size, stride: 1, padding: Math.floor(size / 2), dilation: 1, count: x.shape[1]! };
  return damped(x, sumOfWindows(square(x), windows), alpha / size, k, beta);
}

/**
 * x / (k + α·s)^β, where s is the mean square over `size` neighbouring channels, with zeros outside: [batch, channels,
 * length, ...] -> the same (Krizhevsky et al., 2012). Of an even `size`, one more channel lies before than after.
 *
 * @throws ShapeError when the input has fewer than three dimensions.
 * @example
 * localResponseNorm(tensor([[[3], [4]]]), 2, { alpha: 2, beta: 0.5, k: 0 }).toArray(); // → [[[1],[0.800000011920929]]]
 */
export const localResponseNorm = /* @__PURE__ */ composite(responses, {
  name: "localResponseNorm",
  takes: {
    x: tensor,
    size: positive,
    options: options<LocalResponseNormOptions>({ alpha: real, beta: real, k: real }),
  },
  forward: ([x], size: number) => responses(x as Tensor, size, { alpha: 0.5, beta: 0.6 }),
  sample(draw: Draw) {
    const size = draw.pick([1, 2, 3, 10]);
    return { inputs: [{ shape: [draw.int(1, 2), draw.int(1, 4), ...draw.shape(1, 2)] }], attrs: size };
  },
  errors: [{ shapes: [[2, 3]], args: [2] }],
});
