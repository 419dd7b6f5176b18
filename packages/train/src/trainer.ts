import type { StateDict } from "@thalweg/nn";
import {
  type LRScheduler,
  type OptimizerStateDict,
  ReduceLROnPlateau,
  type SchedulerState,
} from "@thalweg/optim";
import { defaultGenerator, type GeneratorState } from "@thalweg/tensor";
import {
  aboveZero,
  atLeastZero,
  boolean,
  callback,
  checkArguments,
  describe,
  either,
  kind,
  list,
  oneOf,
  options as optionsOf,
  positive,
  required,
  string,
} from "@thalweg/tensor/internal";
import {
  type AdvanceOptions,
  advanceWith,
  type OptimizerStep,
  type StepResult,
  type TrainableOptimizer,
} from "./advance";
import { Best, type BestState } from "./best";
import type { Callback } from "./callback";
import { type Batches, batchesKind, measured, objectiveKinds } from "./evaluate";
import type { EndReason, EpochResult, History } from "./history";
import { type Gather, type Measured, Measures, type Metrics } from "./measures";
import { type Computation, computationOf, type Objective, type Outcome, rowsOf } from "./outcome";
import { hasMethods, optimizerKind, positioned } from "./stateful";
import { TrainError } from "./train-error";
import { skipped, windows } from "./windows";

/** A schedule of learning rates: those of `@thalweg/optim`, which count epochs or steps, or look at a metric. */
export type Scheduler = ReduceLROnPlateau | Pick<LRScheduler, "step" | "stateDict" | "prepareLoad">;

/** Options of {@link Trainer} and {@link fit}. */
export interface TrainerOptions<Batch, M extends Metrics = Metrics> extends Objective<Batch>, AdvanceOptions {
  /** The data to train with. One iteration is an epoch. */
  readonly data: Batches<Batch>;
  /** The number of epochs in all, those before resuming included. */
  readonly epochs: number;
  /** Data that are measured after each epoch; none unless given. */
  readonly validation?: Batches<Batch>;
  /** Metrics besides the loss, by name, measured while training and on the data for validation; none unless given. */
  readonly metrics?: M;
  /** Changes the rates; they stay as they are unless given. */
  readonly scheduler?: Scheduler;
  /** What the scheduler counts; `"epoch"` unless given. {@link ReduceLROnPlateau} counts epochs, and gets the monitored number. */
  readonly schedule?: "epoch" | "step";
  /**
   * Number of batches for each step of the optimizer; 1 unless given. Their gradients are weighted by rows, so that a step is that of the
   * joined batch if the loss is a mean over rows.
   */
  readonly accumulate?: number;
  /**
   * The number that decides which epoch is the best: `"loss"` or the name of a metric, on the data for validation if there are any. `"loss"`
   * unless given.
   */
  readonly monitor?: "loss" | (keyof M & string);
  /** Whether it should fall or rise; `"min"` unless given. */
  readonly mode?: "min" | "max";
  /** An improvement has to be larger than this; 0 unless given. */
  readonly minDelta?: number;
  /** The number of epochs without an improvement after which training ends; Infinity unless given. */
  readonly patience?: number;
  /** Whether the model has the weights of the best epoch in the end; false unless given. */
  readonly restoreBest?: boolean;
  /** Called while training, in their order; none unless given. */
  readonly callbacks?: readonly Callback<M>[];
  /** An `AbortSignal`, which ends training after the step in which it is aborted; nothing does unless given. */
  readonly signal?: { readonly aborted: boolean };
  /** `compile` of `@thalweg/compile`: steps run as programs. They run as they are unless given. */
  readonly compile?: (step: OptimizerStep) => OptimizerStep;
  /**
   * Adds up what all ranks have counted, `(own) => allGatherBytes(own, world)`, so that all see the same numbers, and asks after each step
   * whether one of them ends; each rank is on its own unless given.
   */
  readonly gather?: Gather;
}

/** The state of a run, from which another one goes on with the same bits. */
export interface TrainerState {
  readonly version: 1;
  /** Number of epochs that have ended. */
  readonly epoch: number;
  readonly step: number;
  /** Number of batches since the last epoch ended. */
  readonly batches: number;
  /** Whether they were all of the epoch. */
  readonly isRead: boolean;
  readonly epochs: readonly EpochResult[];
  readonly measures: Readonly<Record<string, unknown>>;
  readonly best: BestState;
  readonly model: StateDict;
  readonly optimizer: OptimizerStateDict;
  readonly scheduler: SchedulerState | null;
  /** The position of the loader; null if the data have none. */
  readonly data: unknown;
  /** The default generator. */
  readonly generator: GeneratorState;
}

const signature = {
  options: /* @__PURE__ */ optionsOf<TrainerOptions<unknown>>({
    ...objectiveKinds,
    data: /* @__PURE__ */ required(batchesKind),
    validation: batchesKind,
    epochs: /* @__PURE__ */ required(positive),
    optimizer: optimizerKind,
    scheduler: /* @__PURE__ */ kind("a scheduler", (value) =>
      hasMethods(value, ["step", "stateDict", "prepareLoad"]),
    ),
    schedule: /* @__PURE__ */ oneOf("epoch", "step"),
    accumulate: positive,
    clipGradNorm: aboveZero,
    clipGradValue: aboveZero,
    noSync: callback,
    monitor: string,
    mode: /* @__PURE__ */ oneOf("min", "max"),
    minDelta: atLeastZero,
    patience: /* @__PURE__ */ either(positive, /* @__PURE__ */ oneOf(Number.POSITIVE_INFINITY)),
    restoreBest: boolean,
    callbacks: /* @__PURE__ */ list(
      /* @__PURE__ */ kind("a callback", (value) => typeof value === "object" && value !== null),
    ),
    signal: /* @__PURE__ */ kind("an AbortSignal", (value) => typeof Object(value).aborted === "boolean"),
    compile: callback,
  }),
};

/**
 * A training run that can be saved and resumed: it owns the counts of epochs and steps, what was measured, and which epoch was the best. Its
 * state has that of model, optimizer, scheduler, loader and default generator, too; a run that loads it goes on with the same bits, within
 * an epoch as well. Save it in a callback, or when {@link run} has ended.
 *
 * @example
 * manualSeed(1);
 * const x = linspace(-1, 1, 32).reshape([32, 1]);
 * const loader = new DataLoader(new TensorDataset(x, x.mul(2).add(1)), { batchSize: 8, shuffle: true });
 * const make = (epochs: number) => {
 *   const model = new Linear(1, 1);
 *   return new Trainer({ model, optimizer: new SGD(model.parameters(), { lr: 0.3 }), loss: mseLoss, data: loader, epochs });
 * };
 * const first = make(5);
 * await first.run();
 * const bytes = await saveCheckpoint({ trainer: first });
 * const second = make(20);
 * await loadCheckpoint(bytes, { trainer: second });
 * const { epochs } = await second.run();
 * [epochs.length, epochs[19]!.train.loss < 1e-6]; // → [20,true]
 */
export class Trainer<Batch = never, M extends Metrics = Readonly<Record<never, never>>> {
  private readonly options: TrainerOptions<Batch, M>;
  private readonly computation: Computation<Batch>;
  private readonly advance: OptimizerStep;
  private readonly measures: Measures<M>;
  private readonly best: Best;
  private readonly results: EpochResult<M>[] = [];
  /** Number of epochs that have ended. */
  private epoch = 0;
  private step = 0;
  private batches = 0;
  /** Whether the data have come to their end in this epoch. */
  private isRead = false;
  private reason: EndReason | null = null;

  constructor(options: TrainerOptions<Batch, M>) {
    checkArguments("Trainer", signature, [options]);
    const { monitor = "loss", metrics = {} as M, compile = (step: OptimizerStep) => step } = options;
    if (monitor !== "loss" && !Object.hasOwn(metrics, monitor)) {
      const names = ["loss", ...Object.keys(metrics)].join(", ");
      throw new TrainError(
        "Trainer",
        `there is no metric ${describe(monitor)} to monitor`,
        `there are: ${names}`,
      );
    }
    const { mode = "min", minDelta = 0, restoreBest = false } = options;
    this.options = options;
    this.computation = computationOf("Trainer", options);
    this.advance = compile(advanceWith(this.computation.forward, options));
    this.measures = new Measures("Trainer", metrics);
    this.best = new Best({ mode, minDelta, keepWeights: restoreBest });
    this.measures.reset();
  }

  /**
   * Trains until all epochs have ended, or until something else ends it. Called again, it goes on.
   *
   * The model is set to training first if it is not; layers below it may stay in evaluation.
   */
  async run(): Promise<History<M>> {
    const { model, epochs, patience = Number.POSITIVE_INFINITY, callbacks = [], signal } = this.options;
    this.reason = signal?.aborted ? "signal" : null;
    if (!model.training) model.train();
    while (this.reason === null && this.epoch < epochs && this.best.waited < patience) {
      if (await this.trainEpoch()) await this.endEpoch();
    }
    this.reason ??= this.epoch < epochs ? "patience" : "epochs";
    if (this.reason === "epochs" || this.reason === "patience") this.best.restore(model);
    const history = { epochs: [...this.results], best: this.best.best, reason: this.reason };
    for (const callback of callbacks) await callback.onEnd?.(history);
    return history;
  }

  /** Trains with the rest of an epoch; returns whether it came to its end. */
  private async trainEpoch(): Promise<boolean> {
    const { accumulate = 1 } = this.options;
    if (this.isRead) return true;
    for await (const { batches, isLast } of windows(this.rest(), accumulate)) {
      this.isRead = isLast;
      await this.makeStep(batches);
      if (await this.isOver()) return false;
    }
    return true;
  }

  /** The batches that are left of the epoch. */
  private rest(): Batches<Batch> {
    const { data } = this.options;
    if (this.batches === 0) return data;
    const loader = positioned(data);
    if (loader === null) return skipped(data, this.batches);
    // A loop that was left begins anew, unless the position is loaded.
    loader.prepareLoad(loader.stateDict())();
    return data;
  }

  private async makeStep(window: readonly Batch[]): Promise<void> {
    const { optimizer, scheduler, schedule = "epoch", callbacks = [], data } = this.options;
    const rows = window.map(rowsOf);
    const total = rows.reduce((a, b) => a + b, 0);
    const shares = rows.map((count) => (total === 0 ? 1 / rows.length : count / total));
    const lr = rateOf(optimizer);
    const { prepare } = this.computation;
    const results = this.advance(window.map((batch) => prepare(batch)) as never[], shares);
    this.step++;
    this.batches += window.length;
    for (const [i, result] of results.entries()) await this.measures.add(outcome(result), rows[i]!);
    if (schedule === "step" && !(scheduler instanceof ReduceLROnPlateau)) scheduler?.step();
    if (callbacks.every((callback) => callback.onStep === undefined)) return;
    await this.measures.settle();
    const losses = await Promise.all(results.map(({ loss }) => loss.itemAsync()));
    const loss = losses.reduce((sum, value, i) => sum + value * shares[i]!, 0);
    const { length } = data as { readonly length?: number };
    const moment = { ...this.moment(this.epoch + 1), batch: this.batches, batches: length ?? null, loss, lr };
    for (const callback of callbacks) await callback.onStep?.(moment);
  }

  /** Measures what is to be measured after an epoch, and counts it. */
  private async endEpoch(): Promise<void> {
    const {
      model,
      optimizer,
      validation,
      metrics = {} as M,
      gather,
      callbacks = [],
      monitor = "loss",
    } = this.options;
    const train = await this.measures.results(gather);
    const lr = rateOf(optimizer);
    const held =
      validation === undefined
        ? undefined
        : await measured(model, validation, this.computation, new Measures("Trainer", metrics), gather);
    const epoch = this.epoch + 1;
    const result = { epoch, step: this.step, lr, train, ...(held === undefined ? {} : { validation: held }) };
    const value = monitored(held ?? train, monitor);
    this.stepEpoch(value);
    this.results.push(result);
    const isBest = this.best.add(epoch, value, model);
    this.epoch = epoch;
    this.batches = 0;
    this.isRead = false;
    this.measures.reset();
    const moment = { ...this.moment(epoch), result, isBest };
    if (isBest) for (const callback of callbacks) await callback.onBest?.(moment);
    for (const callback of callbacks) await callback.onEpochEnd?.(moment);
    await this.isOver();
  }

  private stepEpoch(value: number): void {
    const { scheduler, schedule = "epoch" } = this.options;
    if (scheduler instanceof ReduceLROnPlateau) scheduler.step(value);
    else if (schedule === "epoch") scheduler?.step();
  }

  private moment(epoch: number) {
    const stop = () => {
      this.reason = "callback";
    };
    return { trainer: this, epoch, epochs: this.options.epochs, step: this.step, stop };
  }

  /** Whether this rank ends training, or another one does. */
  private async isOver(): Promise<boolean> {
    const { signal, gather } = this.options;
    if (signal?.aborted) this.reason ??= "signal";
    if (gather !== undefined) {
      const all = gather(Uint8Array.of(reasons.indexOf(this.reason))).map(([code]) => reasons[code!]!);
      this.reason = all.find((reason) => reason !== null) ?? null;
    }
    if (this.reason !== null) await this.measures.settle();
    return this.reason !== null;
  }

  /** The whole state of the run. It is that between two steps: take it in a callback, or when `run` has ended. */
  stateDict(): TrainerState {
    const { model, optimizer, scheduler, data } = this.options;
    return {
      version: 1,
      epoch: this.epoch,
      step: this.step,
      batches: this.batches,
      isRead: this.isRead,
      epochs: [...this.results],
      measures: this.measures.stateDict(),
      best: this.best.stateDict(),
      model: model.stateDict(),
      optimizer: optimizer.stateDict({ copy: false }),
      scheduler: scheduler?.stateDict() ?? null,
      data: positioned(data)?.stateDict() ?? null,
      generator: defaultGenerator.getState(),
    };
  }

  /**
   * Loads a saved run, whose options must be the same, apart from the number of epochs.
   *
   * @throws ThalwegError when it does not fit, with nothing changed.
   */
  loadStateDict(state: TrainerState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: TrainerState): () => void {
    const { model, optimizer, scheduler, data } = this.options;
    checkState(state, scheduler !== undefined, positioned(data) !== null);
    const loads = [
      model.prepareLoad(state.model),
      optimizer.prepareLoad(state.optimizer),
      this.measures.prepareLoad(state.measures as never),
      defaultGenerator.prepareLoad(state.generator),
      scheduler?.prepareLoad(state.scheduler!),
      positioned(data)?.prepareLoad(state.data),
    ];
    return () => {
      for (const load of loads) load?.();
      const { epoch, step, batches, isRead, epochs, best } = state;
      Object.assign(this, { epoch, step, batches, isRead });
      this.results.splice(0, this.results.length, ...(epochs as EpochResult<M>[]));
      this.best.load(best);
    };
  }
}

const reasons: readonly (EndReason | null)[] = [null, "callback", "signal"];

const rateOf = ({ paramGroups }: TrainableOptimizer): number => paramGroups[0]!.lr ?? Number.NaN;

const outcome = ({ loss, output, target }: StepResult): Outcome => ({
  loss,
  ...(output === null || target === null ? {} : { output, target }),
});

/** The monitored one of the measured numbers. */
function monitored(results: Measured, name: string): number {
  const value: unknown = results[name];
  if (typeof value === "number") return value;
  throw new TrainError(
    "Trainer",
    `the result of ${describe(name)} is no number, ${describe(value)}`,
    "monitor one that is",
  );
}

function checkState(state: TrainerState, hasScheduler: boolean, hasPosition: boolean): void {
  const { version, epoch, step, batches, isRead, epochs, best, scheduler, data } = Object(
    state,
  ) as TrainerState;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const fits =
    version === 1 &&
    [epoch, step, batches].every(isCount) &&
    typeof isRead === "boolean" &&
    Array.isArray(epochs) &&
    epochs.length === epoch &&
    isCount(best?.waited) &&
    (scheduler !== null) === hasScheduler &&
    (data !== null) === hasPosition;
  if (fits) return;
  throw new TrainError(
    "Trainer.loadStateDict",
    "it is not the state of a trainer like this",
    "make the trainer as it was when it was saved",
  );
}
