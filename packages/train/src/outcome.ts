import type { Module } from "@thalweg/nn";
import { Tensor } from "@thalweg/tensor";
import { TrainError } from "./train-error";

/** What a model makes of a batch. */
export interface Outcome {
  /** The mean over the rows of the batch: a scalar, with its history. */
  readonly loss: Tensor;
  /** What metrics compare, with `target`. */
  readonly output?: Tensor;
  readonly target?: Tensor;
}

/** A model whose `forward` takes the input of a batch. */
type Trainable = Module & { forward(input: Tensor): Tensor };

/** How a model is measured on a batch: a loss of its output, or everything at once. */
export interface Objective<Batch> {
  /** The model; `fit` calls its `train` and `eval`. */
  readonly model: Module;
  /**
   * The loss of the output and the target of a batch, such as `crossEntropy`; batches are then pairs of input and target, which
   * are moved to the device of the model. Not needed where there is a `step`; none unless given.
   */
  readonly loss?: (output: Tensor, target: Tensor) => Tensor;
  /** The loss of a batch of any kind, in place of `loss`; with output and target, if there are metrics. None unless given. */
  readonly step?: (batch: Batch) => Outcome | Tensor;
}

/** How the outcome of a batch comes about. */
export interface Computation<Batch> {
  /** Moves a batch to where the model computes; not part of a compiled step. */
  prepare(batch: Batch): Batch;
  forward(batch: Batch): Outcome;
}

/** How the outcomes of an objective come about. */
export function computationOf<Batch>(
  op: string,
  { model, loss, step }: Objective<Batch>,
): Computation<Batch> {
  if ((loss === undefined) === (step === undefined)) {
    const has =
      loss === undefined ? "there is neither a loss nor a step" : "there are both a loss and a step";
    throw new TrainError(op, has, "pass loss: crossEntropy, or step: (batch) => ...");
  }
  if (step !== undefined) return { prepare: (batch) => batch, forward: (batch) => outcomeOf(step(batch)) };
  return {
    prepare: (batch) => pairOf(op, batch, model.parameters()[0]?.device ?? "cpu") as Batch,
    forward(batch) {
      const [input, target] = batch as readonly [Tensor, Tensor];
      const output = (model as Trainable).forward(input);
      return { loss: loss!(output, target), output, target };
    },
  };
}

const outcomeOf = (result: Outcome | Tensor): Outcome =>
  result instanceof Tensor ? { loss: result } : result;

function pairOf(op: string, batch: unknown, device: string): [Tensor, Tensor] {
  if (Array.isArray(batch) && batch.length === 2 && batch.every((x) => x instanceof Tensor)) {
    return batch.map((x: Tensor) => x.to(device)) as [Tensor, Tensor];
  }
  throw new TrainError(op, "a batch is not a pair of tensors, input and target", "pass a step of your own");
}

/** The number of rows of a batch: the first extent of its first tensor; 1 if it has none. */
export function rowsOf(batch: unknown): number {
  return firstTensor(batch)?.shape[0] ?? 1;
}

function firstTensor(value: unknown): Tensor | undefined {
  if (value instanceof Tensor) return value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const member of Object.values(value)) {
    const found = firstTensor(member);
    if (found !== undefined) return found;
  }
  return undefined;
}
