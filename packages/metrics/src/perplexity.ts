import { ShapeError, type Tensor } from "@thalweg/tensor";
import { checkArguments, integer, options as optionsOf, softmaxCrossEntropy } from "@thalweg/tensor/internal";
import { classDim, inputAndTarget, type Pair } from "./classes";
import { addTerm } from "./exact-sum";
import { Metric, type Rule } from "./metric";
import { meanRule, type Terms } from "./sums";

/** Options of {@link Perplexity}. */
export interface PerplexityOptions {
  /** Targets of this class are not counted; -100 unless given, as in `crossEntropy`. */
  readonly ignoreIndex?: number;
}

const signature = { options: /* @__PURE__ */ optionsOf<PerplexityOptions>({ ignoreIndex: integer }) };

function perplexityRule(ignoreIndex: number): Rule<Pair, number, Terms> {
  return meanRule<Pair>(
    "Perplexity",
    inputAndTarget,
    {
      select(op, [input, target]) {
        const dim = classDim(op, input, target);
        if (dim !== null)
          return [softmaxCrossEntropy(input.detach(), target, { op, dim, ignoreIndex }), target];
        const shapes = [input.shape, target.shape];
        throw new ShapeError(
          op,
          "the input has no scores of classes",
          "pass logits [batch, classes, ...]",
          shapes,
        );
      },
      count(counts, [losses, targets]) {
        losses!.values.forEach((loss, i) => {
          if (targets!.values[i] === ignoreIndex) return;
          addTerm(counts.total, loss);
          counts.count++;
        });
      },
    },
    Math.exp,
    { ignoreIndex },
  );
}

/**
 * The exponential of the mean cross-entropy: among how many equally probable classes the model seems to choose. `update` takes logits
 * [batch, classes, ...] and classes [batch, ...], as `crossEntropy` does. Each loss is computed in the type of the logits, and all
 * are added without rounding.
 *
 * @example
 * const perplexity = new Perplexity();
 * perplexity.update(tensor([[0, 0, 0, 0], [5, 5, 5, 5]]), tensor([0, 3]));
 * perplexity.compute().toFixed(4); // → "4.0000"
 */
export class Perplexity extends Metric<[input: Tensor, target: Tensor], number> {
  constructor(options: PerplexityOptions = {}) {
    checkArguments("Perplexity", signature, [options]);
    super(perplexityRule(options.ignoreIndex ?? -100));
  }
}
