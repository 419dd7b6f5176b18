import { noGrad } from "@thalweg/autograd";
import { BatchNorm1d, BatchNorm2d, Module, type StateDict } from "@thalweg/nn";
import { Tensor } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  copyOf,
  kind,
  options as optionsOf,
} from "@thalweg/tensor/internal";
import { type Batches, batchesKind } from "./evaluate";
import { modesOf } from "./modes";
import { TrainError } from "./train-error";

/** Options of {@link AveragedWeights}. */
export interface AveragedWeightsOptions {
  /** The weight of the average so far, from 0 to 1: an exponential moving average. All states weigh the same unless given. */
  readonly decay?: number;
  /** Whether buffers of floats are averaged, too; false unless given, and then they are those of the model. */
  readonly useBuffers?: boolean;
}

/** The state of averaged weights. */
export interface AveragedWeightsState {
  /** Number of states in the average. */
  readonly count: number;
  readonly weights: StateDict;
}

const aModule = /* @__PURE__ */ kind("a module", (value) => value instanceof Module);
const signature = {
  model: aModule,
  options: /* @__PURE__ */ optionsOf<AveragedWeightsOptions>({
    decay: /* @__PURE__ */ kind(
      "a number from 0 to 1",
      (value) => typeof value === "number" && value >= 0 && value <= 1,
    ),
    useBuffers: boolean,
  }),
};

/**
 * An average of the states of a model: stochastic weight averaging (Izmailov et al., 2018), or with `decay` an exponential moving average.
 * It is PyTorch's `AveragedModel` without a second model: {@link use} gives the model the averaged weights for a while.
 *
 * @example
 * const model = new Linear(1, 1, { bias: false });
 * const average = new AveragedWeights(model);
 * for (const w of [1, 2, 6]) {
 *   model.loadStateDict({ weight: tensor([[w]]) });
 *   average.update();
 * }
 * average.use(() => model.weight.item()); // → 3
 * model.weight.item(); // → 6
 */
export class AveragedWeights {
  private readonly model: Module;
  private readonly options: AveragedWeightsOptions;
  private weights: StateDict;
  private states = 0;

  constructor(model: Module, options: AveragedWeightsOptions = {}) {
    checkArguments("AveragedWeights", signature, [model, options]);
    this.model = model;
    this.options = options;
    this.weights = copied(this.current());
  }

  /** Number of states in the average. */
  get count(): number {
    return this.states;
  }

  /** Adds the state of the model, which is the average if it is the first one. */
  update(): void {
    const { decay } = this.options;
    const { states, weights } = this;
    noGrad(() => {
      for (const [name, current] of Object.entries(this.current())) {
        const average = weights[name]!;
        const isFloat = current.dtype === "float32" || current.dtype === "float64";
        if (states === 0 || !isFloat) average.copy_(current.detach());
        else if (decay === undefined)
          average.add_(
            current
              .detach()
              .sub(average)
              .div(states + 1),
          );
        else average.mul_(decay).add_(current.detach().mul(1 - decay));
      }
    });
    this.states++;
  }

  /**
   * Runs a function while the model has the averaged weights, and gives the model its own back.
   *
   * @param body may be asynchronous, such as an evaluation
   */
  use<T>(body: () => T): T {
    checkArguments("AveragedWeights.use", { body: callback }, [body]);
    const own = copied(this.current());
    const restore = () => this.load(own);
    this.copyTo();
    let result: T;
    try {
      result = body();
    } catch (error) {
      restore();
      throw error;
    }
    if (result instanceof Promise) return result.finally(restore) as T;
    restore();
    return result;
  }

  /** Gives the model the averaged weights. */
  copyTo(): void {
    this.load(this.weights);
  }

  /** The average, whose tensors are its own, and the number of states in it. */
  stateDict(): AveragedWeightsState {
    return { count: this.states, weights: this.weights };
  }

  /** @throws TrainError when it does not fit the model, with nothing changed. */
  loadStateDict(state: AveragedWeightsState): void {
    this.prepareLoad(state)();
  }

  /**
   * The first half of {@link loadStateDict}: checks everything, and changes nothing.
   *
   * @returns the other half; it cannot fail
   * @throws as {@link loadStateDict}
   */
  prepareLoad(state: AveragedWeightsState): () => void {
    const { count, weights } = Object(state) as AveragedWeightsState;
    const fits = Object.entries(this.weights).every(([name, own]) => {
      const saved: unknown = Object(weights)[name];
      return saved instanceof Tensor && String(saved.shape) === String(own.shape);
    });
    if (!fits || !Number.isSafeInteger(count) || count < 0) {
      throw new TrainError(
        "AveragedWeights.loadStateDict",
        "it is not the state of an average of this model",
        "make the model as it was when it was saved",
      );
    }
    return () => {
      noGrad(() => {
        for (const [name, own] of Object.entries(this.weights))
          own.copy_(weights[name]!.to(own.dtype).to(own.device));
      });
      this.states = count;
    };
  }

  /** What is averaged. */
  private current(): StateDict {
    const { model, options } = this;
    if (options.useBuffers) return model.stateDict();
    return Object.fromEntries(model.namedParameters());
  }

  private load(state: StateDict): void {
    this.model.loadStateDict(state, { strict: false });
  }
}

const copied = (state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, x]) => [name, copyOf(x)]));

const updateSignature = { model: aModule, data: batchesKind };

/**
 * Computes the running statistics of batch normalisation anew, for weights that were not trained themselves, such as averaged ones: the
 * mean over all batches, as PyTorch's `update_bn` does. The input is the batch, or its first member.
 *
 * @example
 * const model = new BatchNorm1d(1);
 * await updateBatchNorm(model, [tensor([[1], [3]]), tensor([[5], [7]])]);
 * model.runningMean!.toArray(); // → [4]
 */
export async function updateBatchNorm(
  model: Module,
  data: Batches<Tensor | readonly Tensor[]>,
): Promise<void> {
  checkArguments("updateBatchNorm", updateSignature, [model, data]);
  const norms = [...model.modules()].filter(
    (module): module is BatchNorm1d | BatchNorm2d =>
      module instanceof BatchNorm1d || module instanceof BatchNorm2d,
  );
  if (norms.length === 0) return;
  const restore = modesOf(model);
  const device = model.parameters()[0]?.device ?? "cpu";
  const momenta = norms.map(({ momentum }) => momentum);
  for (const norm of norms) norm.resetRunningStats();
  const setMomenta = (of: (k: number) => number | null) => {
    for (const [k, norm] of norms.entries()) Object.assign(norm, { momentum: of(k) });
  };
  model.train();
  setMomenta(() => null);
  try {
    for await (const batch of data) {
      const input = batch instanceof Tensor ? batch : batch[0]!;
      noGrad(() => (model as unknown as { forward(input: Tensor): unknown }).forward(input.to(device)));
    }
  } finally {
    setMomenta((k) => momenta[k]!);
    restore();
  }
}
