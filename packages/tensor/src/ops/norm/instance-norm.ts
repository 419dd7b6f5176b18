import { formatShape, ShapeError, sizeOf } from "@thalweg/kernels";
import { maybeTensor, tensor } from "../../kinds";
import { boolean, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite } from "../define-op";
import { square, sub } from "../map/arithmetic";
import { mean } from "../reduce/sums";
import { type Draw, spreadOut } from "../sample";
import { reshapeTo } from "../view/reshape";
import { checkAffine, scaled } from "./affine";
import { type BatchNormOptions, batchNorm, checkChannels, follow, perChannel } from "./channel-norm";
import { normalizeOp } from "./normalize";

/** Options of {@link instanceNorm}. */
export interface InstanceNormOptions extends Omit<BatchNormOptions, "training" | "momentum"> {
  /** Whether to use the statistics of the instances, and to update running ones; true unless given. */
  readonly useInputStats?: boolean;
  /** Share of the batch in the running statistics after an update; 0.1 unless given. */
  readonly momentum?: number;
}

const op = "instanceNorm";

function instances(x: Tensor, options: InstanceNormOptions = {}): Tensor {
  const { useInputStats = true, momentum = 0.1, ...others } = options;
  const { weight, bias, runningMean, runningVar, eps = 1e-5 } = others;
  const channels = checkChannels(op, x);
  if (!useInputStats) {
    if (runningMean && runningVar) return batchNorm(x, others);
    throw new ShapeError(op, "running statistics are missing", "pass both, or useInputStats: true", [
      x.shape,
    ]);
  }
  for (const [what, value] of Object.entries({ weight, bias, runningMean, runningVar })) {
    checkAffine(op, what, value, [channels]);
  }
  const places = sizeOf(x.shape.slice(2));
  if (places === 1) {
    throw new ShapeError(
      op,
      `an instance needs more than one value per channel, shape ${formatShape(x.shape)} has one`,
      "use longer sequences or larger images, or useInputStats: false",
      [x.shape],
    );
  }
  if (runningMean || runningVar) followInstances(x.detach(), places, momentum, runningMean, runningVar);
  const y = apply(normalizeOp, [reshapeTo(x, [x.shape[0]!, channels, places])], eps);
  return scaled(reshapeTo(y, x.shape), perChannel(weight, x), perChannel(bias, x));
}

/** Moves the running statistics towards the means, over the batch, of those of the instances. */
function followInstances(
  x: Tensor,
  places: number,
  momentum: number,
  runningMean: Tensor | null | undefined,
  runningVar: Tensor | null | undefined,
): void {
  const rows = reshapeTo(x, [x.shape[0]!, x.shape[1]!, places]);
  const centers = mean(rows, 2, { keepDim: true });
  follow(runningMean, mean(centers, [0, 2]), momentum, 1);
  // The running variance is unbiased.
  follow(runningVar, mean(square(sub(rows, centers)), [0, 2]), momentum, places / (places - 1));
}

/**
 * (x - mean) / √(variance + ε) · weight + bias, with the statistics of each channel of each instance:
 * [batch, channels, ...] -> the same (Ulyanov et al., 2016). Running statistics, if they are given, are moved towards the
 * means over the batch, in place. With `useInputStats: false` they are used instead.
 *
 * @throws ShapeError when shapes do not fit, an instance has one value per channel, or statistics are missing.
 * @example
 * instanceNorm(tensor([[[1, 3], [5, 9]]]), { eps: 0 }).toArray(); // → [[[-1,1],[-1,1]]]
 */
export const instanceNorm = /* @__PURE__ */ composite(instances, {
  name: "instanceNorm",
  takes: {
    x: tensor,
    options: options<InstanceNormOptions>({
      weight: maybeTensor,
      bias: maybeTensor,
      runningMean: maybeTensor,
      runningVar: maybeTensor,
      useInputStats: boolean,
      momentum: real,
      eps: real,
    }),
  },
  forward([x, weight, bias, runningMean, runningVar], useInputStats: boolean) {
    const parameters = { weight: weight as Tensor, bias: bias as Tensor };
    const statistics = { runningMean: runningMean as Tensor, runningVar: runningVar as Tensor };
    return instances(x as Tensor, {
      ...parameters,
      ...(useInputStats ? {} : { ...statistics, useInputStats }),
    });
  },
  sample(draw: Draw) {
    const channels = { shape: [draw.int(1, 2)] };
    const useInputStats = draw.boolean();
    const statistics = [channels, { ...channels, domain: { min: 0.5, max: 2 } }];
    const x = { shape: [draw.int(1, 2), ...channels.shape, draw.int(2, 3)], domain: spreadOut };
    return { inputs: [x, channels, channels, ...(useInputStats ? [] : statistics)], attrs: useInputStats };
  },
  errors: [
    { shapes: [[3]] },
    { shapes: [[2, 3, 1]] },
    { shapes: [[2, 3, 4]], args: [{ useInputStats: false }] },
  ],
});
