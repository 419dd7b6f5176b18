import { defaultGenerator } from "@thalweg/tensor";
import {
  aboveZero,
  checkArguments,
  options as optionsOf,
  positive,
  required,
} from "@thalweg/tensor/internal";
import { type AdvanceOptions, advanceWith } from "./advance";
import { copied } from "./best";
import { type Batches, batchesKind, objectiveKinds } from "./evaluate";
import { modesOf } from "./modes";
import { computationOf, type Objective } from "./outcome";
import { optimizerKind, positioned } from "./stateful";
import { TrainError } from "./train-error";

/** Options of {@link lrFinder}. */
export interface LrFinderOptions<Batch> extends Objective<Batch>, Pick<AdvanceOptions, "optimizer"> {
  /** The data to train with; begun again when they end. */
  readonly data: Batches<Batch>;
  /** The first rate; 1e-7 unless given. */
  readonly startLr?: number;
  /** The last rate; 10 unless given. */
  readonly endLr?: number;
  /** Number of steps from the one to the other; 100 unless given. */
  readonly steps?: number;
  /** The test ends when the smoothed loss is this many times the lowest one; 4 unless given. */
  readonly divergence?: number;
}

/** What a test of rates has found. */
export interface LrFinderResult {
  /** The rates, each larger than the last by one factor. */
  readonly lrs: readonly number[];
  /** The loss at each rate, smoothed. */
  readonly losses: readonly number[];
  /** The rate at which the loss falls fastest; null if it never falls. */
  readonly suggestion: number | null;
}

const signature = {
  options: /* @__PURE__ */ optionsOf<LrFinderOptions<unknown>>({
    model: objectiveKinds.model,
    loss: objectiveKinds.loss,
    step: objectiveKinds.step,
    optimizer: optimizerKind,
    data: /* @__PURE__ */ required(batchesKind),
    startLr: aboveZero,
    endLr: aboveZero,
    steps: positive,
    divergence: aboveZero,
  }),
};

/** The weight of the newest loss in the smoothed one. */
const newest = 0.05;

/**
 * Trains with rates that rise from step to step, and tells the loss at each (Smith, 2017). Afterwards model, optimizer, loader and default
 * generator are as they were. Parameter groups keep the proportions of their rates.
 *
 * @throws TrainError when there are no batches.
 * @example
 * const x = linspace(-1, 1, 16).reshape([16, 1]);
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const { suggestion } = await lrFinder({ model, optimizer, loss: mseLoss, data: [[x, x.mul(3)]] as [Tensor, Tensor][] });
 * suggestion! > 1e-3 && suggestion! < 10; // → true
 */
export async function lrFinder<Batch>(options: LrFinderOptions<Batch>): Promise<LrFinderResult> {
  checkArguments("lrFinder", signature, [options]);
  const { model, optimizer, data, startLr = 1e-7, endLr = 10, steps = 100, divergence = 4 } = options;
  const { prepare, forward } = computationOf("lrFinder", options);
  const advance = advanceWith(forward, { optimizer });
  const groups = optimizer.paramGroups as readonly { lr?: number }[];
  const rates = groups.map(({ lr = 0 }) => lr / (groups[0]!.lr || 1));
  const [lrs, losses]: [number[], number[]] = [[], []];
  let average = 0;
  const restore = stateBefore(options);
  try {
    if (!model.training) model.train();
    for await (const batch of repeated(data)) {
      const lr = startLr * (endLr / startLr) ** (lrs.length / Math.max(1, steps - 1));
      groups.forEach((group, k) => {
        group.lr = lr * rates[k]!;
      });
      const [result] = advance([prepare(batch)] as never[], [1]);
      average = (1 - newest) * average + newest * (await result!.loss.itemAsync());
      const loss = average / (1 - (1 - newest) ** (lrs.length + 1));
      if (!Number.isFinite(loss)) break;
      lrs.push(lr);
      losses.push(loss);
      if (lrs.length === steps || loss > divergence * Math.min(...losses)) break;
    }
  } finally {
    restore();
  }
  return { lrs, losses, suggestion: steepest(lrs, losses) };
}

/** A function that restores everything that a step changes. */
function stateBefore<Batch>({ model, optimizer, data }: LrFinderOptions<Batch>): () => void {
  const [weights, modes] = [copied(model), modesOf(model)];
  const loads = [
    optimizer.prepareLoad(optimizer.stateDict()),
    positioned(data)?.prepareLoad(positioned(data)!.stateDict()),
    defaultGenerator.prepareLoad(defaultGenerator.getState()),
  ];
  return () => {
    model.loadStateDict(weights);
    modes();
    for (const load of loads) load?.();
    optimizer.zeroGrad();
  };
}

/** Batches without an end. */
async function* repeated<Batch>(data: Batches<Batch>): AsyncIterableIterator<Batch> {
  for (;;) {
    let isEmpty = true;
    for await (const batch of data) {
      isEmpty = false;
      yield batch;
    }
    if (isEmpty) throw new TrainError("lrFinder", "there are no batches", "pass data with at least one");
  }
}

/** The rate where the loss falls fastest from one rate to the next, which are in one proportion. */
function steepest(lrs: readonly number[], losses: readonly number[]): number | null {
  let [best, at] = [0, -1];
  for (let i = 1; i < losses.length; i++) {
    const change = losses[i]! - losses[i - 1]!;
    if (change < best) [best, at] = [change, i];
  }
  return lrs[at] ?? null;
}
