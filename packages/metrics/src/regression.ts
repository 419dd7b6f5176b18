import type { Tensor } from "@thalweg/tensor";
import { checkArguments } from "@thalweg/tensor/internal";
import { inputAndTarget, type Pair } from "./classes";
import { addProduct, addTerm, type ExactSum } from "./exact-sum";
import { checkSameShape, Metric, type Rule } from "./metric";
import { meanRule, type Terms } from "./sums";

/** The rule of metrics of the differences of single elements. */
function errorRule(
  name: string,
  add: (total: ExactSum, error: number) => void,
  finish?: (mean: number) => number,
): Rule<Pair, number, Terms> {
  return meanRule<Pair>(
    name,
    inputAndTarget,
    {
      select(op, [input, target]) {
        checkSameShape(op, input, target);
        return [input, target];
      },
      count(counts, [input, target]) {
        input!.values.forEach((value, i) => {
          add(counts.total, value - target!.values[i]!);
        });
        counts.count += input!.values.length;
      },
    },
    finish,
  );
}

/**
 * The mean absolute error of all elements. `update` takes two tensors of one shape.
 *
 * @example
 * const mae = new MAE();
 * mae.update(tensor([1, 2]), tensor([2, 4]));
 * mae.compute(); // → 1.5
 */
export class MAE extends Metric<[input: Tensor, target: Tensor], number> {
  constructor(...none: readonly never[]) {
    checkArguments("MAE", {}, none);
    super(errorRule("MAE", (total, error) => addTerm(total, Math.abs(error))));
  }
}

/**
 * The root of the mean squared error of all elements. `update` takes two tensors of one shape.
 *
 * @example
 * const rmse = new RMSE();
 * rmse.update(tensor([1, 2]), tensor([2, 9]));
 * rmse.compute(); // → 5
 */
export class RMSE extends Metric<[input: Tensor, target: Tensor], number> {
  constructor(...none: readonly never[]) {
    checkArguments("RMSE", {}, none);
    super(errorRule("RMSE", (total, error) => addProduct(total, error, error), Math.sqrt));
  }
}
