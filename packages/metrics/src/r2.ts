import { ShapeError, type Tensor } from "@thalweg/tensor";
import {
  checkArguments,
  count,
  formatShape,
  list,
  oneOf,
  options as optionsOf,
  required,
} from "@thalweg/tensor/internal";
import { weightedMean } from "./averages";
import { inputAndTarget, type Pair } from "./classes";
import { addProduct, addSum, addTerm, type ExactSum, emptySum, exactSumKind, valueOf } from "./exact-sum";
import { checkSameShape, Metric, type Rule } from "./metric";
import { MetricError } from "./metric-error";

/** What becomes of the numbers of several outputs. */
export type Multioutput = "uniformAverage" | "rawValues" | "varianceWeighted";

/** Options of {@link R2}. */
export interface R2Options<M extends Multioutput = Multioutput> {
  /**
   * What becomes of the numbers of several outputs: their mean (`"uniformAverage"`), their mean weighted by the variances of the
   * targets (`"varianceWeighted"`), or all of them (`"rawValues"`). `"uniformAverage"` unless given.
   */
  readonly multioutput?: M;
}

/** A number for each output with `"rawValues"`, otherwise one. */
export type R2Result<M> = M extends "rawValues" ? number[] : number;

/** The sums of an output. */
interface Sums {
  readonly target: ExactSum;
  readonly square: ExactSum;
  readonly error: ExactSum;
}

interface Counts {
  count: number;
  outputs: Sums[];
}

const signature = {
  options: /* @__PURE__ */ optionsOf<R2Options>({
    multioutput: /* @__PURE__ */ oneOf("uniformAverage", "rawValues", "varianceWeighted"),
  }),
};

const sumsKind = /* @__PURE__ */ optionsOf<Sums>({
  target: exactSumKind,
  square: exactSumKind,
  error: exactSumKind,
});

const names = ["target", "square", "error"] as const;
const emptySums = (): Sums => ({ target: emptySum(), square: emptySum(), error: emptySum() });

function r2Rule<M extends Multioutput>(multioutput: Multioutput): Rule<Pair, R2Result<M>, Counts> {
  return {
    name: "R2",
    takes: inputAndTarget,
    options: {},
    kinds: { count: required(count), outputs: required(list(sumsKind)) },
    empty: () => ({ count: 0, outputs: [] }),
    isEmpty: ({ count }) => count === 0,
    select(op, [input, target]) {
      checkSameShape(op, input, target);
      if (input.ndim === 1 || input.ndim === 2) return [input, target];
      const problem = `the tensors have shape ${formatShape(input.shape)}`;
      throw new ShapeError(op, problem, "pass [batch] or [batch, outputs]", [input.shape]);
    },
    count(counts, [input, target], op) {
      const [rows, width = 1] = input!.shape as [number, number?];
      fit(op, counts, width);
      target!.values.forEach((y, i) => {
        const { target: sum, square, error } = counts.outputs[i % width]!;
        const difference = input!.values[i]! - y;
        addTerm(sum, y);
        addProduct(square, y, y);
        addProduct(error, difference, difference);
      });
      counts.count += rows;
    },
    add(counts, { count, outputs }, op) {
      if (outputs.length === 0) return;
      fit(op, counts, outputs.length);
      outputs.forEach((sums, i) => {
        for (const name of names) addSum(counts.outputs[i]![name], sums[name]);
      });
      counts.count += count;
    },
    result: (counts) => averaged(counts, multioutput) as R2Result<M>,
  };
}

/** Makes sums for outputs, or throws if there are sums for another number. */
function fit(op: string, counts: Counts, width: number): void {
  const own = counts.outputs.length;
  if (own === 0) counts.outputs = Array.from({ length: width }, emptySums);
  else if (own !== width) {
    throw new MetricError(op, `there are ${width} outputs, and before ${own}`, "use another metric");
  }
}

function averaged({ count, outputs }: Counts, multioutput: Multioutput): number | number[] {
  const scatters = outputs.map((sums) => scatterOf(sums, count));
  const each = outputs.map((sums, i) => {
    if (count < 2) return Number.NaN;
    const error = valueOf(sums.error);
    if (scatters[i] === 0) return error === 0 ? 1 : 0;
    return 1 - (error / scatters[i]!) * count;
  });
  if (multioutput === "rawValues") return each;
  const isWeighted = multioutput === "varianceWeighted" && scatters.some((scatter) => scatter > 0);
  return weightedMean(each, isWeighted ? scatters : each.map(() => 1));
}

/** n·Σy² - (Σy)², rounded once: n times the sum of the squared differences from the mean. */
function scatterOf({ target, square }: Sums, count: number): number {
  if (target.special !== null) return Number.NaN;
  const total = emptySum();
  for (const part of square.parts) addProduct(total, count, part);
  for (const a of target.parts) for (const b of target.parts) addProduct(total, -a, b);
  return valueOf(total);
}

/**
 * The coefficient of determination: 1 for perfect predictions, 0 for those that are as good as the mean of the targets.
 * `update` takes two tensors of one shape, [batch] or [batch, outputs]. Where all targets of an output are equal, its number is 1
 * if all predictions are right, and 0 otherwise, as in scikit-learn. NaN for a single example.
 *
 * @example
 * const r2 = new R2();
 * r2.update(tensor([2.5, 0, 2, 8]), tensor([3, -0.5, 2, 7]));
 * r2.compute().toFixed(4); // → "0.9486"
 */
export class R2<M extends Multioutput = "uniformAverage"> extends Metric<
  [input: Tensor, target: Tensor],
  R2Result<M>
> {
  constructor(options: R2Options<M> = {}) {
    checkArguments("R2", signature, [options]);
    super(r2Rule(options.multioutput ?? "uniformAverage"));
  }
}
