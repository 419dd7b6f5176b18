import type { Tensor } from "@thalweg/tensor";
import { atLeastZero, checkArguments, either, number, optional, tensorKind } from "@thalweg/tensor/internal";
import { addProduct, addSum, addTerm, type ExactSum, emptySum, exactSumKind, valueOf } from "./exact-sum";
import { Metric, type Rule } from "./metric";

interface Counts {
  readonly total: ExactSum;
  readonly weight: ExactSum;
}

const takes = {
  value: /* @__PURE__ */ either(tensorKind, number),
  weight: /* @__PURE__ */ optional(atLeastZero),
};

const rule: Rule<[value: Tensor | number, weight?: number], number, Counts> = {
  name: "Mean",
  takes,
  options: {},
  kinds: { total: exactSumKind, weight: exactSumKind },
  empty: () => ({ total: emptySum(), weight: emptySum() }),
  isEmpty: ({ weight }) => valueOf(weight) === 0,
  select: (_op, [value]) => (typeof value === "number" ? [] : [value]),
  count({ total, weight: sum }, [reading], _op, [value, weight = 1]) {
    for (const term of reading?.values ?? [value as number]) {
      addProduct(total, term, weight);
      addTerm(sum, weight);
    }
  },
  add({ total, weight }, others) {
    addSum(total, others.total);
    addSum(weight, others.weight);
  },
  result: ({ total, weight }) => valueOf(total) / valueOf(weight),
};

/**
 * The mean of numbers, such as the losses of batches. `update` takes a number or a tensor, each element of which counts, and its
 * weight, 1 unless given. Give it the rows of the batch, and a last batch of one row counts as one row.
 *
 * @example
 * const loss = new Mean();
 * loss.update(0.5, 32);
 * loss.update(tensor(2), 1);
 * loss.compute() === (0.5 * 32 + 2) / 33; // → true
 */
export class Mean extends Metric<[value: Tensor | number, weight?: number], number> {
  constructor(...none: readonly never[]) {
    checkArguments("Mean", {}, none);
    super(rule);
  }
}
