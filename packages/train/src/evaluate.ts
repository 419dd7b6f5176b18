import { noGrad } from "@thalweg/autograd";
import { Module } from "@thalweg/nn";
import { callback, checkArguments, kind, options as optionsOf, required } from "@thalweg/tensor/internal";
import { type Gather, type Measured, Measures, type Metrics } from "./measures";
import { modesOf } from "./modes";
import { type Computation, computationOf, type Objective, rowsOf } from "./outcome";

/** Batches: a `DataLoader`, an array, or anything else that can be iterated, once for each epoch. */
export type Batches<Batch> = Iterable<Batch> | AsyncIterable<Batch>;

/** Options of {@link evaluate}. */
export interface EvaluateOptions<Batch, M extends Metrics = Metrics> extends Objective<Batch> {
  readonly data: Batches<Batch>;
  /** Metrics besides the loss, by name; they are reset first. None unless given. */
  readonly metrics?: M;
  /** Adds up what all ranks have counted; each has its own unless given. */
  readonly gather?: Gather;
}

const isIterable = (value: unknown) =>
  typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);

export const batchesKind = /* @__PURE__ */ kind("batches that can be iterated", isIterable);
export const objectiveKinds = {
  model: /* @__PURE__ */ required(/* @__PURE__ */ kind("a module", (value) => value instanceof Module)),
  loss: callback,
  step: callback,
  metrics: /* @__PURE__ */ kind(
    "an object of metrics",
    (value) =>
      typeof value === "object" &&
      value !== null &&
      Object.entries(value).every(
        ([name, metric]) => name !== "loss" && typeof metric?.updateAsync === "function",
      ),
  ),
  gather: callback,
};

const signature = {
  options: /* @__PURE__ */ optionsOf<EvaluateOptions<unknown>>({
    ...objectiveKinds,
    data: /* @__PURE__ */ required(batchesKind),
  }),
};

/**
 * The loss and the metrics of a model on data, in the mode of evaluation and without gradients. The loss is the mean over all rows. The
 * model has its modes again afterwards.
 *
 * @throws TrainError when there are no batches.
 * @example
 * const data = [[tensor([[1], [2]]), tensor([[2], [4]])]] as [Tensor, Tensor][];
 * const { loss, mae } = await evaluate({ model: new Identity(), loss: mseLoss, data, metrics: { mae: new MAE() } });
 * [loss, mae]; // → [2.5,1.5]
 */
export async function evaluate<Batch, const M extends Metrics = Readonly<Record<never, never>>>(
  options: EvaluateOptions<Batch, M>,
): Promise<Measured<M>> {
  checkArguments("evaluate", signature, [options]);
  const { model, data, metrics = {} as M, gather } = options;
  const measures = new Measures("evaluate", metrics);
  return measured(model, data, computationOf("evaluate", options), measures, gather);
}

/** Measures a model on data. */
export async function measured<Batch, M extends Metrics>(
  model: Module,
  data: Batches<Batch>,
  { prepare, forward }: Computation<Batch>,
  measures: Measures<M>,
  gather: Gather | undefined,
): Promise<Measured<M>> {
  const restore = modesOf(model);
  measures.reset();
  model.eval();
  try {
    for await (const batch of data) {
      await measures.add(
        noGrad(() => forward(prepare(batch))),
        rowsOf(batch),
      );
    }
    return await measures.results(gather);
  } finally {
    restore();
  }
}
