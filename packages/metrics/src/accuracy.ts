import { any, eq, type Tensor, topk, unsqueeze } from "@thalweg/tensor";
import { checkArguments, count, options as optionsOf, positive, required } from "@thalweg/tensor/internal";
import {
  type ClassMetricOptions,
  classDim,
  classesIn,
  classOptions,
  forEachTarget,
  inputAndTarget,
  type Pair,
  selectClasses,
} from "./classes";
import { Metric, type Rule } from "./metric";
import { MetricError } from "./metric-error";

/** Options of {@link Accuracy}. */
export interface AccuracyOptions extends ClassMetricOptions {
  /** A prediction is right if its class is among this many with the highest scores; 1 unless given. */
  readonly topK?: number;
}

interface Counts {
  correct: number;
  total: number;
}

const signature = {
  options: /* @__PURE__ */ optionsOf<AccuracyOptions>({ ...classOptions, topK: positive }),
};

function accuracyRule(options: AccuracyOptions): Rule<Pair, number, Counts> {
  const { topK = 1, threshold = null, ignoreIndex } = options;
  return {
    name: "Accuracy",
    takes: inputAndTarget,
    options: { topK, threshold, ignoreIndex: ignoreIndex ?? null },
    kinds: { correct: required(count), total: required(count) },
    empty: () => ({ correct: 0, total: 0 }),
    isEmpty: ({ total }) => total === 0,
    select: (op, batch) => (topK === 1 ? selectClasses(op, batch, options) : selectHits(op, batch, topK)),
    count(counts, readings, op, batch) {
      forEachTarget(op, readings, classesIn(batch), ignoreIndex, (found, target) => {
        counts.total++;
        if (topK === 1 ? found === target : found !== 0) counts.correct++;
      });
    },
    add(counts, { correct, total }) {
      counts.correct += correct;
      counts.total += total;
    },
    misfit: ({ correct, total }) => (correct > total ? `${correct} of ${total} are right` : undefined),
    result: ({ correct, total }) => correct / total,
  };
}

/** Whether each target is among the classes with the highest scores, and the targets. */
function selectHits(op: string, [input, target]: Pair, topK: number): readonly Tensor[] {
  const dim = classDim(op, input, target);
  const classes = dim === null ? 0 : input.shape[dim]!;
  if (dim !== null && topK <= classes) {
    return [any(eq(topk(input, topK, dim).indices, unsqueeze(target, dim)), dim), target];
  }
  const has = dim === null ? "the input has no scores of classes" : `there are ${classes} classes`;
  throw new MetricError(op, `topK is ${topK}, and ${has}`, "pass scores [batch, classes, ...] of more");
}

/**
 * The share of right predictions. `update` takes scores [batch, classes, ...] and the true classes [batch, ...], or two tensors
 * of one shape: predicted classes, or with a `threshold` scores of class 1. Of equal scores, the one of the first class counts as
 * the highest. The mean of the accuracies of all classes is `new Recall({ average: "macro" })`.
 *
 * @example
 * const accuracy = new Accuracy();
 * accuracy.update(tensor([[0.2, 0.8], [0.9, 0.1]]), tensor([1, 0]));
 * accuracy.update(tensor([[0.6, 0.4]]), tensor([1]));
 * accuracy.compute().toFixed(4); // → "0.6667"
 */
export class Accuracy extends Metric<[input: Tensor, target: Tensor], number> {
  constructor(options: AccuracyOptions = {}) {
    checkArguments("Accuracy", signature, [options]);
    super(accuracyRule(options));
  }
}
