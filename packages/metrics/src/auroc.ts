import type { Tensor } from "@thalweg/tensor";
import { Metric } from "./metric";
import { type RankingOptions, type RankingResult, rankingRule, type Tie } from "./ranking";

function areaOf(ties: readonly Tie[], positives: number, negatives: number): number {
  let [above, twice] = [0, 0];
  for (const tie of ties) {
    twice += tie.negatives * (2 * above + tie.positives);
    above += tie.positives;
  }
  return twice / (2 * positives * negatives);
}

/**
 * The area under the ROC curve: the probability that an example of the class has a higher score than one of another class, where
 * equal scores count one half. `update` takes scores [batch] of class 1 and classes [batch] of 0 and 1, or scores
 * [batch, classes, ...] and classes [batch, ...], of which each is compared with all others. Probabilities, logits or any scores
 * will do. It keeps all of them until `reset`.
 *
 * NaN where there are no examples of the class, or no others; averages leave such classes out.
 *
 * @example
 * const auroc = new AUROC();
 * auroc.update(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1]));
 * auroc.compute(); // → 0.75
 */
export class AUROC<A extends "macro" | "weighted" | "none" = "macro"> extends Metric<
  [input: Tensor, target: Tensor],
  RankingResult<A>
> {
  constructor(options: RankingOptions<A> = {}) {
    super(rankingRule("AUROC", options, areaOf));
  }
}
