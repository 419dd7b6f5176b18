import { formatShape, ShapeError, sizeOf } from "@thalweg/kernels";
import { maybeTensor, tensor } from "../../kinds";
import { replay } from "../../replay";
import { boolean, either, number, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { composite } from "../define-op";
import { add, mul, square, sub } from "../map/arithmetic";
import { rsqrt } from "../map/elementary";
import { mean } from "../reduce/sums";
import { type Draw, spreadOut } from "../sample";
import { reshapeTo } from "../view/reshape";
import { checkAffine, scaled } from "./affine";
import { normalizeOp } from "./normalize";

/** Options of {@link groupNorm}. */
export interface GroupNormOptions {
  /** Factors of shape [channels]; 1 unless given. */
  readonly weight?: Tensor | null;
  /** Summands of shape [channels]; 0 unless given. */
  readonly bias?: Tensor | null;
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
}

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends GroupNormOptions {
  /**
   * Running mean of each channel, of shape [channels]. It is used outside of training, and training updates it. None is kept
   * unless given; it may be missing in training only.
   */
  readonly runningMean?: Tensor | null;
  /** Running variance of each channel, of shape [channels], used like the mean; none is kept unless given. */
  readonly runningVar?: Tensor | null;
  /** Whether to use the statistics of the batch, and to update the running ones; false unless given. */
  readonly training?: boolean;
  /** Share of the batch in the running statistics after an update, a number or a tensor of rank 0; 0.1 unless given. */
  readonly momentum?: number | Tensor;
}

/** Reshapes [channels] so that it broadcasts with [batch, channels, ...]. */
export function perChannel(given: Tensor | null | undefined, x: Tensor): Tensor | null {
  return given ? reshapeTo(given, [given.size, ...new Array<number>(x.ndim - 2).fill(1)]) : null;
}

/** The number of channels, the second dimension. */
export function checkChannels(op: string, x: Tensor): number {
  if (x.ndim >= 2) return x.shape[1]!;
  throw new ShapeError(
    op,
    `the input has no channels, shape ${formatShape(x.shape)}`,
    "it must be [batch, channels, ...]",
    [x.shape],
  );
}

function batches(x: Tensor, options: BatchNormOptions = {}): Tensor {
  const { runningMean, runningVar, weight, bias, training = false, momentum = 0.1, eps = 1e-5 } = options;
  const op = "batchNorm";
  const channels = checkChannels(op, x);
  const given = { weight, bias, runningMean, runningVar };
  for (const [what, value] of Object.entries(given)) checkAffine(op, what, value, [channels]);
  const dims = x.shape.flatMap((_, d) => (d === 1 ? [] : [d]));
  let [center, variance] = [perChannel(runningMean, x), perChannel(runningVar, x)];
  let difference: Tensor;
  if (training) {
    const count = x.size / Math.max(1, channels);
    if (count === 1) {
      throw new ShapeError(
        op,
        `training needs more than one value per channel, shape ${formatShape(x.shape)} has one`,
        "use larger batches, or training: false",
        [x.shape],
      );
    }
    center = mean(x, dims, { keepDim: true });
    difference = sub(x, center);
    variance = mean(square(difference), dims, { keepDim: true });
    follow(runningMean, center, momentum, 1);
    // The running variance is unbiased.
    follow(runningVar, variance, momentum, count / (count - 1));
  } else if (center === null || variance === null) {
    throw new ShapeError(
      op,
      `running statistics are missing, runningMean is ${center ? "" : "not "}given and runningVar is ${variance ? "" : "not "}given`,
      "pass both, or training: true",
    );
  } else difference = sub(x, center);
  const y = mul(difference, rsqrt(add(variance, eps)));
  return scaled(y, perChannel(weight, x), perChannel(bias, x));
}

/** Moves a running statistic towards the statistic of a batch, in place. */
export function follow(
  running: Tensor | null | undefined,
  batch: Tensor,
  share: number | Tensor,
  factor: number,
): void {
  if (!running || batch.size === 0 || replay.running) return;
  const now = reshapeTo(batch.detach(), running.shape);
  const [rest, part] =
    typeof share === "number"
      ? [1 - share, share * factor]
      : [sub(1, share), mul(share, factor)].map((x) => to(x, running.dtype));
  running.mul_(rest!).add_(mul(now, part!));
}

function groups(x: Tensor, numGroups: number, options: GroupNormOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = options;
  const op = "groupNorm";
  const channels = checkChannels(op, x);
  if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
    throw new ShapeError(
      op,
      `the channels cannot be divided, ${channels} channels and ${numGroups} groups`,
      "their number must be a multiple of the groups",
      [x.shape],
    );
  }
  checkAffine(op, "weight", weight, [channels]);
  checkAffine(op, "bias", bias, [channels]);
  const size = (channels / numGroups) * sizeOf(x.shape.slice(2));
  const y = apply(normalizeOp, [reshapeTo(x, [x.shape[0]!, numGroups, size])], eps);
  return scaled(reshapeTo(y, x.shape), perChannel(weight, x), perChannel(bias, x));
}

/**
 * (x - mean) / √(variance + ε) · weight + bias, with the statistics of each channel over batch and positions:
 * [batch, channels, ...] -> the same (Ioffe and Szegedy, 2015). With `training` the statistics are those of the batch,
 * and the running ones are moved towards them, in place. Otherwise the running ones are used.
 *
 * @throws ShapeError when shapes do not fit, statistics are missing, or a batch in training has one value per channel.
 * @example
 * batchNorm(tensor([[1], [3]]), { training: true, eps: 0 }).toArray(); // → [[-1],[1]]
 */
export const batchNorm = /* @__PURE__ */ composite(batches, {
  name: "batchNorm",
  takes: {
    x: tensor,
    options: options<BatchNormOptions>({
      weight: maybeTensor,
      bias: maybeTensor,
      runningMean: maybeTensor,
      runningVar: maybeTensor,
      training: boolean,
      momentum: either(real, tensor),
      eps: real,
    }),
  },
  forward([x, weight, bias, runningMean, runningVar], training: boolean) {
    const parameters = { weight: weight as Tensor, bias: bias as Tensor };
    const statistics = { runningMean: runningMean as Tensor, runningVar: runningVar as Tensor };
    return batches(x as Tensor, { ...parameters, ...(training ? { training } : statistics) });
  },
  sample(draw: Draw) {
    const [batch, channels] = [draw.int(2, 3), draw.int(1, 2)];
    const vector = { shape: [channels] };
    const training = draw.boolean();
    const statistics = [vector, { ...vector, domain: { min: 0.5, max: 2 } }];
    const x = { shape: [batch, channels, ...draw.shape(0, 2)], domain: spreadOut };
    return { inputs: [x, vector, vector, ...(training ? [] : statistics)], attrs: training };
  },
  errors: [
    { shapes: [[3]], args: [{ training: true }] },
    { shapes: [[1, 3]], args: [{ training: true }] },
    { shapes: [[2, 3]] },
  ],
});

/**
 * (x - mean) / √(variance + ε) · weight + bias, with the statistics of each image over groups of neighbouring channels:
 * [batch, channels, ...] -> the same (Wu and He, 2018). Weight and bias are [channels].
 *
 * @throws ShapeError when the channels cannot be divided into groups, or weight and bias do not fit.
 * @example
 * groupNorm(tensor([[1, 3, 5, 9]]), 2, { eps: 0 }).toArray(); // → [[-1,1,-1,1]]
 */
export const groupNorm = /* @__PURE__ */ composite(groups, {
  name: "groupNorm",
  takes: {
    x: tensor,
    numGroups: number,
    options: options<GroupNormOptions>({ weight: maybeTensor, bias: maybeTensor, eps: real }),
  },
  forward: ([x, weight, bias], numGroups: number) =>
    groups(x as Tensor, numGroups, { weight: weight as Tensor, bias: bias as Tensor }),
  sample(draw: Draw) {
    const [numGroups, size] = [draw.int(1, 2), draw.int(1, 2)];
    const channels = { shape: [numGroups * size] };
    const x = { shape: [draw.int(1, 2), numGroups * size, draw.int(2, 3)], domain: spreadOut };
    return { inputs: [x, channels, channels].slice(0, draw.int(1, 3)), attrs: numGroups };
  },
  errors: [
    { shapes: [[4]], args: [2] },
    { shapes: [[2, 4]], args: [3] },
    { shapes: [[2, 4]], args: [0] },
  ],
});
