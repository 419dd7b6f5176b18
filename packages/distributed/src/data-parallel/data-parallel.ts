import { isGradEnabled, noGrad } from "@thalweg/autograd";
import { BatchNorm1d, BatchNorm2d, Module, type Parameter } from "@thalweg/nn";
import { defaultGenerator, Tensor, zeros } from "@thalweg/tensor";
import {
  boolean,
  callback,
  changes,
  checkArguments,
  kind,
  options as optionsOf,
  positive,
  recorder,
  required,
  runHost,
  tensorKind,
} from "@thalweg/tensor/internal";
import type { Communicator } from "../communicator";
import { communicator } from "../communicator-kind";
import { DistributedError } from "../distributed-error";
import { elementsOf } from "../memory";
import { synchronize } from "../sync-batch-norm";
import { afterBackward, type Ending, installEndings } from "./after-backward";
import { type Bucket, bucketsOf, type Exchange } from "./bucket";
import { compareModels } from "./compare-models";
import { checkIdentical, copyFromRankZero } from "./replicas";

/** Options of {@link DataParallel}. */
export interface DataParallelOptions {
  /** The processes that train together. */
  readonly world: Communicator;
  /** The most bytes of gradients that are sent at once; 25 MiB unless given. */
  readonly bucketBytes?: number;
  /**
   * Whether buffers, the running statistics of batch normalisation for instance, are copied from rank 0 before every forward
   * pass in training; true unless given, or `syncBatchNorm` is. Otherwise each rank keeps its own.
   */
  readonly broadcastBuffers?: boolean;
  /**
   * Whether the layers `BatchNorm1d` and `BatchNorm2d` use the statistics of the batches of all ranks in training, as
   * `SyncBatchNorm1d` does; false unless given. Their buffers are the same everywhere then, and no buffers are copied unless `broadcastBuffers` says so.
   */
  readonly syncBatchNorm?: boolean;
  /** Whether gradients that are not finite are an error that names the rank; true unless given. */
  readonly detectNaN?: boolean;
  /**
   * The number of forward passes in training after which {@link DataParallel.checkIdentical} is called, again and again; never
   * unless given.
   */
  readonly checkEvery?: number;
}

const signature = {
  module: kind("a module", (value) => value instanceof Module),
  options: optionsOf<DataParallelOptions>({
    world: required(communicator),
    bucketBytes: positive,
    broadcastBuffers: boolean,
    syncBatchNorm: boolean,
    detectNaN: boolean,
    checkEvery: positive,
  }),
};

/**
 * Trains copies of a model on all ranks of a world, each on its own part of the data. At the start all get the parameters and
 * buffers of rank 0. After every `backward` the gradients are the average over all ranks: that of the mean over all rows, where
 * each rank's loss is the mean over its rows. They are sent in buckets while `backward` still computes others.
 *
 * The model stays a model of its own: optimizers, clipping, state dicts and `compile` use it as before, and `compile` makes
 * the messages steps of its program. Only the forward pass goes through {@link forward}, which counts rows: the size of the
 * first dimension of the first tensor. A batch without rows takes part and counts nothing. Parameters that have a gradient on
 * no rank keep none; where one rank has one, all get it.
 *
 * Random numbers of the default generator, those of dropout for instance, differ between ranks from here on.
 * Gradients of `grad`, `vjp` and the like are those of the rank. In a world of one, nothing is done at all.
 *
 * @typeParam M the type of the model
 * @example
 * import { DataParallel, init } from "@thalweg/distributed";
 *
 * const world = await init();
 * const model = new Linear(2, 1);
 * const parallel = new DataParallel(model, { world });
 * mseLoss(parallel.forward(ones([4, 2])), zeros([4, 1])).backward();
 * model.weight.grad!.shape; // → [1,2]
 */
export class DataParallel<M extends Module> {
  readonly module: M;
  readonly world: Communicator;
  private readonly options: DataParallelOptions;
  private readonly exchange: Exchange;
  private buckets: readonly Bucket[] = [];
  private home = new Map<Parameter, Bucket>();
  /** The buckets that were started in this walk. */
  private started = 0;
  /** The parameters that got a gradient in this walk, in the order in which they did. */
  private readonly arrived = new Set<Parameter>();
  /** Whether buckets have the order of the first walk. */
  private isSettled = false;
  private isLocal = false;
  /** Whether there are others to train with. */
  private isActive: boolean;
  private passes = 0;
  private readonly undo: (() => void)[] = [];
  private readonly ending: Ending = { end: () => this.end(), fail: () => this.reset() };

  /**
   * @throws DistributedError when the models of the ranks differ, and when a tensor of one is not on the CPU, or strided.
   */
  constructor(module: M, options: DataParallelOptions) {
    checkArguments("DataParallel", signature, [module, options]);
    const { world, detectNaN = true } = options;
    this.module = module;
    this.world = world;
    this.options = options;
    this.exchange = { world, counts: zeros([2]), weight: 1, turn: zeros([1]), detectNaN };
    this.isActive = world.size > 1;
    if (!this.isActive) return;
    checkTensors(module);
    compareModels(module, world);
    copyFromRankZero([...module.parameters(), ...module.buffers()], world);
    this.divergeRandom();
    const params = module.parameters().filter((param) => param.requiresGrad);
    // Backward comes to the last layers first.
    this.divide(params.toReversed());
    for (const param of params) {
      this.undo.push(param.registerPostAccumulateGradHook(() => this.arrive(param)));
    }
    installEndings();
    if (options.syncBatchNorm !== true) return;
    for (const layer of module.modules()) {
      if (layer instanceof BatchNorm1d || layer instanceof BatchNorm2d) synchronize(layer, world);
    }
  }

  /** The model's forward pass. In training it counts the rows of the first tensor, and copies buffers from rank 0. */
  forward(...inputs: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const { module } = this;
    if (this.isActive && isGradEnabled() && module.training) this.prepare(inputs);
    return module.forward(...(inputs as never[])) as ReturnType<M["forward"]>;
  }

  /**
   * Runs a body whose gradients stay those of the rank. They are averaged by the next `backward` outside, with what it adds.
   *
   * @example
   * import { DataParallel, init } from "@thalweg/distributed";
   *
   * const parallel = new DataParallel(new Linear(2, 1), { world: await init() });
   * parallel.noSync(() => parallel.forward(ones([4, 2])).sum().backward());
   */
  noSync<T>(body: () => T): T {
    checkArguments("noSync", { body: callback }, [body]);
    const before = this.isLocal;
    this.setLocal(true);
    try {
      const result = body();
      if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== "function") return result;
    } finally {
      this.setLocal(before);
    }
    throw new DistributedError(
      "noSync",
      "the body is asynchronous, it goes on outside of noSync",
      "await first, and call noSync around the synchronous part",
    );
  }

  /**
   * The mean of a loss over all ranks, weighted by the rows of the `backward` before: what is logged, and what the closure of an
   * optimizer such as L-BFGS returns, so that all ranks decide alike. All ranks call it.
   *
   * @param loss a float on the CPU, of any shape
   * @returns the mean, without a history
   * @example
   * import { DataParallel, init } from "@thalweg/distributed";
   * const model = new Linear(2, 1);
   * const parallel = new DataParallel(model, { world: await init() });
   * const optimizer = new LBFGS(model.parameters());
   * optimizer.step(() => {
   *   optimizer.zeroGrad();
   *   const loss = mseLoss(parallel.forward(ones([4, 2])), zeros([4, 1]));
   *   loss.backward();
   *   return parallel.mean(loss);
   * });
   */
  mean(loss: Tensor): Tensor {
    checkArguments("mean", { loss: tensorKind }, [loss]);
    const mean = noGrad(() => loss.clone());
    if (!this.isActive) return mean;
    const { world, turn } = this.exchange;
    const views = [turn, mean];
    runHost(turn.storage.backend, "mean", views, views, ([, view]) => {
      const elements = elementsOf(view!);
      const { weight } = this.exchange;
      const { length } = elements;
      const message = new Float64Array(length + 1);
      message[length] = weight;
      // A rank without rows may have NaN.
      if (weight !== 0) for (let i = 0; i < length; i++) message[i] = elements[i]! * weight;
      world.allReduce(message);
      for (let i = 0; i < length; i++) elements[i] = message[i]! / message[length]!;
    });
    return mean;
  }

  /**
   * Compares the bits of the parameters of all ranks. Buffers are the same right after they were copied from rank 0.
   *
   * @throws DistributedError that names the first rank that differs, and a parameter.
   */
  checkIdentical(): void {
    checkIdentical(this.module, this.world);
  }

  /**
   * Makes the random numbers of ranks differ again, after all have loaded the same state of the default generator. Those of
   * rank 0 stay.
   */
  divergeRandom(): void {
    const { rank } = this.world;
    if (rank === 0) return;
    const { seed, position } = defaultGenerator.getState();
    // Far from the seeds that people choose.
    defaultGenerator.setState({ seed: (seed + rank * 2 ** 40) % 2 ** 53, position });
  }

  /** Leaves the gradients of the model to its rank. */
  [Symbol.dispose](): void {
    this.isActive = false;
    for (const undo of this.undo.splice(0)) undo();
  }

  private divide(params: readonly Parameter[]): void {
    const { bucketBytes = 25 * 2 ** 20 } = this.options;
    this.buckets = bucketsOf(params, bucketBytes, this.exchange);
    this.home = new Map(this.buckets.flatMap((bucket) => bucket.params.map((param) => [param, bucket])));
  }

  private setLocal(isLocal: boolean): void {
    if (isLocal !== this.isLocal) changes.count++;
    this.isLocal = isLocal;
  }

  private get syncs(): boolean {
    const { isLocal } = this;
    recorder?.guard("noSync", () => this.isLocal === isLocal);
    return !isLocal;
  }

  private prepare(inputs: readonly unknown[]): void {
    const { module, world, options } = this;
    const rows = inputs.find((input): input is Tensor => input instanceof Tensor && input.ndim > 0)?.shape[0];
    if (rows !== undefined) this.count(rows);
    if (!this.syncs) return;
    const { turn } = this.exchange;
    const { broadcastBuffers = options.syncBatchNorm !== true } = options;
    const buffers = broadcastBuffers ? module.buffers() : [];
    if (buffers.length > 0) {
      const views = [turn, ...buffers];
      runHost(turn.storage.backend, "broadcastBuffers", views, views, ([, ...own]) =>
        copyFromRankZero(own, world),
      );
    }
    const { checkEvery } = options;
    if (checkEvery === undefined) return;
    runHost(turn.storage.backend, "checkIdentical", [turn], [turn], () => {
      if (this.passes++ % checkEvery === 0) this.checkIdentical();
    });
  }

  private count(rows: number): void {
    const { counts } = this.exchange;
    noGrad(() => {
      counts.select(0, 0).add_(rows);
      counts.select(0, 1).add_(1);
    });
  }

  private arrive(param: Parameter): void {
    if (!this.syncs) return;
    afterBackward(this.ending);
    this.arrived.add(param);
    this.home.get(param)!.arrive(param);
    const { buckets } = this;
    // All ranks start them in the same order.
    while (this.started < buckets.length && buckets[this.started]!.isReady) this.start();
  }

  private start(): void {
    this.buckets[this.started++]!.start();
  }

  private end(): void {
    const { buckets, arrived } = this;
    try {
      while (this.started < buckets.length) this.start();
      for (const bucket of buckets) bucket.finish();
      noGrad(() => this.exchange.counts.zero_());
      // A program that was recorded keeps its buckets, and so must all ranks.
      if (!this.isSettled && recorder === null) this.settle([...arrived]);
      this.isSettled = true;
    } finally {
      this.reset();
    }
  }

  /** Divides parameters anew, in the order in which they got their gradients on rank 0. */
  private settle(arrived: readonly Parameter[]): void {
    const params = this.buckets.flatMap((bucket) => bucket.params);
    const order = Int32Array.from(new Set([...arrived, ...params]), (param) => params.indexOf(param));
    this.world.broadcast(order);
    this.divide(Array.from(order, (i) => params[i]!));
  }

  private reset(): void {
    this.started = 0;
    this.arrived.clear();
    for (const bucket of this.buckets) bucket.reset();
  }
}

function checkTensors(module: Module): void {
  for (const [name, tensor] of [...module.namedParameters(), ...module.namedBuffers()]) {
    const wrong = (problem: string, remedy: string) =>
      new DistributedError("DataParallel", `${name} is ${problem}`, remedy);
    if (tensor.device !== "cpu") {
      throw wrong(`on ${tensor.device}, messages are sent from the CPU`, 'move the model by to("cpu")');
    }
    if (!tensor.isContiguous()) throw wrong("a strided view", "make it of a contiguous tensor");
  }
}
