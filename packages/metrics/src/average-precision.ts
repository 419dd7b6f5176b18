import type { Tensor } from "@thalweg/tensor";
import { Metric } from "./metric";
import { type RankingOptions, type RankingResult, rankingRule, type Tie } from "./ranking";

function precisionOf(ties: readonly Tie[], positives: number): number {
  if (positives === 0) return 0;
  let [right, above, total] = [0, 0, 0];
  for (const tie of ties) {
    right += tie.positives;
    above += tie.positives + tie.negatives;
    total += (tie.positives * right) / above;
  }
  return total / positives;
}

/**
 * The area under the curve of precision over recall, without interpolation: the mean of the precisions at the score of each example
 * of the class. 0 where there are none, as in scikit-learn. Otherwise as {@link AUROC}.
 *
 * @example
 * const averagePrecision = new AveragePrecision();
 * averagePrecision.update(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1]));
 * averagePrecision.compute().toFixed(4); // → "0.8333"
 */
export class AveragePrecision<A extends "macro" | "weighted" | "none" = "macro"> extends Metric<
  [input: Tensor, target: Tensor],
  RankingResult<A>
> {
  constructor(options: RankingOptions<A> = {}) {
    super(rankingRule("AveragePrecision", options, precisionOf));
  }
}
