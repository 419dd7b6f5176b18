import { maybeDims, tensor } from "../../kinds";
import { boolean, operation, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { to } from "../cast";
import { composite } from "../define-op";
import { div } from "../map/arithmetic";
import { where } from "../map/choice";
import { isNaN, logicalNot } from "../map/comparison";
import type { Draw } from "../sample";
import { checkFloating } from "../types";
import { amax, amin } from "./extrema";
import {
  type Dims,
  drawReduction,
  type ReduceAttrs,
  type ReduceOptions,
  reductionArguments,
} from "./reduction";
import { mean, std, sum, type VarianceOptions, var as variance } from "./sums";

const varianceArguments = {
  x: tensor,
  dim: maybeDims,
  options: /* @__PURE__ */ options<VarianceOptions>({ correction: real, keepDim: boolean }),
};

/** The mean with a measure of the spread around it. */
function besideMean<Name extends "std" | "var">(
  op: string,
  name: Name,
  spread: (x: Tensor, dim?: Dims, options?: VarianceOptions) => Tensor,
) {
  return operation(
    op,
    varianceArguments,
    (x: Tensor, dim?: Dims, options: VarianceOptions = {}): Record<Name | "mean", Tensor> => {
      const { keepDim = false } = options;
      return { [name]: spread(x, dim, options), mean: mean(x, dim, { keepDim }) } as Record<
        Name | "mean",
        Tensor
      >;
    },
  );
}

/** {@link std} and {@link mean} over `dim` (all dimensions unless given), with the arguments of the former: `{ std, mean }`. */
export const stdMean = /* @__PURE__ */ besideMean("stdMean", "std", std);

/** {@link var} and {@link mean} over `dim` (all dimensions unless given), with the arguments of the former: `{ var, mean }`. */
export const varMean = /* @__PURE__ */ besideMean("varMean", "var", variance);

/**
 * {@link amin} and {@link amax} over `dim` (all dimensions unless given), with the same arguments: `{ min, max }`. Ties share the
 * gradients evenly.
 */
export const aminmax = /* @__PURE__ */ operation(
  "aminmax",
  reductionArguments,
  (x: Tensor, dim?: Dims, options: ReduceOptions = {}): { readonly min: Tensor; readonly max: Tensor } => ({
    min: amin(x, dim, options),
    max: amax(x, dim, options),
  }),
);

const withoutNaN = (x: Tensor): Tensor => where(isNaN(x), 0, x);

function total(x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor {
  return sum(withoutNaN(x), dim, options);
}

function average(x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor {
  checkFloating("nanmean", x);
  const count = sum(to(logicalNot(isNaN(x.detach())), x.dtype), dim, options);
  return div(total(x, dim, options), count);
}

const ignoring = (name: string, compute: typeof total) =>
  composite(compute, {
    name,
    takes: reductionArguments,
    forward: ([x], { dims, keepDim }: ReduceAttrs) => compute(x as Tensor, dims, { keepDim }),
    sample: (draw: Draw) => drawReduction(draw, undefined),
    errors: [{ shapes: [[2, 3]], args: [2] }],
  });

/**
 * Sum of the elements that are not NaN over `dim` (all dimensions unless given); 0 for none.
 *
 * @example
 * nansum(tensor([1, Number.NaN, 2])).item(); // → 3
 */
export const nansum = /* @__PURE__ */ ignoring("nansum", total);

/** Mean of the elements that are not NaN over `dim` (all dimensions unless given); NaN for none. */
export const nanmean = /* @__PURE__ */ ignoring("nanmean", average);
