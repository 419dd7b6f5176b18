import { defineFunction, noGrad } from "@thalweg/autograd";
import { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "@thalweg/nn";
import { cat, full, rsqrt, ShapeError, type Tensor, zerosLike } from "@thalweg/tensor";
import { checkArguments, formatShape, replay, runHost } from "@thalweg/tensor/internal";
import type { Communicator } from "./communicator";
import { communicator } from "./communicator-kind";
import { elementsOf } from "./memory";

/** Options of {@link SyncBatchNorm1d} and {@link SyncBatchNorm2d}. */
export interface SyncBatchNormOptions extends BatchNormLayerOptions {
  /** The ranks whose statistics are joined. */
  readonly world: Communicator;
}

type TensorMap = (x: Tensor) => Tensor;

/** The sum of a tensor of all ranks, in new memory. */
function summed(x: Tensor, world: Communicator): Tensor {
  const y = x.clone();
  runHost(y.storage.backend, "allReduce", [y], [y], ([view]) => {
    world.startAllReduce(elementsOf(view!)).wait();
  });
  return y;
}

/**
 * The sum over all ranks, as a differentiable function. The loss is the mean of those of the ranks, weighted by rows.
 * `DataParallel` multiplies what arrives at the parameters by the weight of the rank, so the gradient is divided by it here.
 */
function sumOver(world: Communicator, rows: number): TensorMap {
  const sum: TensorMap = defineFunction({
    name: "allReduce",
    forward: (x: Tensor) => summed(x, world),
    backward: (grad) => spread(grad),
  });
  const spread: TensorMap = defineFunction({
    name: "allReduceBackward",
    // A rank without rows sends nothing, but takes part.
    forward: (grad: Tensor) =>
      rows === 0 ? summed(zerosLike(grad), world).mul(0) : summed(grad.mul(rows), world).div(rows),
    backward: (grad) => sum(grad),
  });
  return sum;
}

type Layer = BatchNorm1d | BatchNorm2d;

/** Normalises an input in training, with the statistics of the inputs of all ranks. */
function normalizeTogether(layer: Layer, world: Communicator, x: Tensor): Tensor {
  const { numFeatures, weight, bias, eps } = layer;
  const sum = sumOver(world, x.shape[0]!);
  const dims = x.shape.flatMap((_, d) => (d === 1 ? [] : [d]));
  const shape = [numFeatures, ...Array<number>(x.ndim - 2).fill(1)];
  const count = full([1], x.size / numFeatures, { dtype: x.dtype as "float32" });
  const [total, rows] = sum(cat([x.sum(dims), count])).split([numFeatures, 1]) as [Tensor, Tensor];
  checkCount(rows, x);
  const mean = total.div(rows);
  const difference = x.sub(mean.reshape(shape));
  const variance = sum(difference.square().sum(dims)).div(rows);
  if (!replay.running) noGrad(() => follow(layer, mean, variance, rows));
  const y = difference.mul(rsqrt(variance.add(eps)).reshape(shape));
  const scaled = weight === null ? y : y.mul(weight.reshape(shape));
  return bias === null ? scaled : scaled.add(bias.reshape(shape));
}

function checkCount(rows: Tensor, { shape }: Tensor): void {
  runHost(rows.storage.backend, "SyncBatchNorm", [], [rows], (_, [view]) => {
    if (elementsOf(view!)[0]! > 1) return;
    throw new ShapeError(
      "SyncBatchNorm",
      `training needs more than one value per channel on all ranks together, shape ${formatShape(shape)} is all there is`,
      "use larger batches, or eval()",
      [shape],
    );
  });
}

/** Moves the running statistics towards those of a batch. The running variance is unbiased. */
function follow(layer: Layer, mean: Tensor, variance: Tensor, rows: Tensor): void {
  const { runningMean, runningVar, numBatchesTracked, momentum } = layer;
  if (runningMean === null || runningVar === null || numBatchesTracked === null) return;
  numBatchesTracked.add_(1);
  const share = momentum ?? numBatchesTracked.reciprocal();
  const unbiased = variance.mul(rows.div(rows.sub(1)));
  runningMean.add_(mean.sub(runningMean).mul(share));
  runningVar.add_(unbiased.sub(runningVar).mul(share));
}

type Normalize = (x: Tensor, fits: boolean, expected: string) => Tensor;

/** Has a layer of batch normalisation use the statistics of all ranks in training. */
export function synchronize(layer: Layer, world: Communicator): void {
  if (world.size === 1) return;
  const { normalize } = layer as unknown as { normalize: Normalize };
  const value: Normalize = (x, fits, expected) => {
    // What is wrong with the input is an error as before.
    const isPlain =
      !fits || x.shape[1] !== layer.numFeatures || !(layer.training || layer.runningMean === null);
    return isPlain ? normalize.call(layer, x, fits, expected) : normalizeTogether(layer, world, x);
  };
  Object.defineProperty(layer, "normalize", { value });
}

const signature = { world: communicator };

/**
 * `BatchNorm1d` whose statistics in training are those of the batches of all ranks, which must call it in the same order.
 * Each forward pass sends two small messages, and so does each backward pass. In a world of one it is `BatchNorm1d`.
 *
 * @example
 * import { init, SyncBatchNorm1d } from "@thalweg/distributed";
 *
 * const layer = new SyncBatchNorm1d(3, { world: await init() });
 * layer.forward(ones([4, 3])).shape; // → [4,3]
 */
export class SyncBatchNorm1d extends BatchNorm1d {
  constructor(numFeatures: number, options: SyncBatchNormOptions) {
    const { world, ...others } = Object(options) as SyncBatchNormOptions;
    super(numFeatures, others);
    checkArguments("SyncBatchNorm1d", signature, [world]);
    synchronize(this, world);
  }
}

/**
 * `BatchNorm2d` whose statistics in training are those of the batches of all ranks, as {@link SyncBatchNorm1d}.
 *
 * @example
 * import { init, SyncBatchNorm2d } from "@thalweg/distributed";
 *
 * const layer = new SyncBatchNorm2d(3, { world: await init() });
 * layer.forward(ones([4, 3, 2, 2])).shape; // → [4,3,2,2]
 */
export class SyncBatchNorm2d extends BatchNorm2d {
  constructor(numFeatures: number, options: SyncBatchNormOptions) {
    const { world, ...others } = Object(options) as SyncBatchNormOptions;
    super(numFeatures, others);
    checkArguments("SyncBatchNorm2d", signature, [world]);
    synchronize(this, world);
  }
}
