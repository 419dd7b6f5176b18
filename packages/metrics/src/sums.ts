import { count, type Kind, required, type Signature } from "@thalweg/tensor/internal";
import { addSum, type ExactSum, emptySum, exactSumKind, valueOf } from "./exact-sum";
import type { MetricState, Rule } from "./metric";

/** Counts of a mean. */
export interface Terms {
  readonly total: ExactSum;
  count: number;
}

const kinds: Readonly<Record<keyof Terms, Kind>> = {
  total: exactSumKind,
  count: /* @__PURE__ */ required(count),
};

/** The rule of metrics that are a function of the mean of some terms. */
export function meanRule<Batch>(
  name: string,
  takes: Signature,
  { select, count }: Pick<Rule<Batch, number, Terms>, "select" | "count">,
  finish: (mean: number) => number = (mean) => mean,
  options: MetricState["options"] = {},
): Rule<Batch, number, Terms> {
  return {
    name,
    takes,
    options,
    kinds,
    empty: () => ({ total: emptySum(), count: 0 }),
    isEmpty: ({ count }) => count === 0,
    select,
    count,
    add(counts, { total, count }) {
      addSum(counts.total, total);
      counts.count += count;
    },
    result: ({ total, count }) => finish(valueOf(total) / count),
  };
}
