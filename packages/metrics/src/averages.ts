/** A mean with weights; what has the weight 0 does not count, even if it is NaN. */
export function weightedMean(values: readonly number[], weights: readonly number[]): number {
  let [total, weight] = [0, 0];
  values.forEach((value, i) => {
    if (weights[i] === 0) return;
    total += value * weights[i]!;
    weight += weights[i]!;
  });
  return total / weight;
}

/** The same of the values that are numbers; NaN if there are none. */
export const meanOfDefined = (values: readonly number[], weights: readonly number[]): number =>
  weightedMean(
    values,
    weights.map((weight, i) => (Number.isNaN(values[i]) ? 0 : weight)),
  );
