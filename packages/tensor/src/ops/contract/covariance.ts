import { formatShape, ShapeError } from "@thalweg/kernels";
import { maybeTensor, tensor } from "../../kinds";
import { integer, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { to } from "../cast";
import { composite } from "../define-op";
import { div, mul, sub } from "../map/arithmetic";
import { sqrt } from "../map/elementary";
import { clamp } from "../map/rounding";
import { sum } from "../reduce/sums";
import { type Draw, spreadOut } from "../sample";
import { checkFloating } from "../types";
import { reshapeTo } from "../view/reshape";
import { diagonal } from "../view/slice";
import { matmul, transposed } from "./matmul";

/** Options of {@link cov}. */
export interface CovarianceOptions {
  /** Subtracted from the number of observations; 1 unless given. */
  readonly correction?: number;
  /** How often each observation was made, whole numbers; once unless given. */
  readonly fweights?: Tensor | null;
  /** How much each observation counts; 1 unless given. */
  readonly aweights?: Tensor | null;
}

function checkObservations(op: string, x: Tensor, weights: Tensor | null | undefined): void {
  if (x.ndim > 2) {
    throw new ShapeError(
      op,
      `needs a matrix or a vector, got shape ${formatShape(x.shape)}`,
      "its rows are variables",
      [x.shape],
    );
  }
  const count = x.shape.at(-1) ?? 1;
  if (!weights || (weights.ndim < 2 && weights.size === count)) return;
  throw new ShapeError(
    op,
    `the weights do not fit, ${formatShape(weights.shape)} and ${count} observations`,
    "give one for each column",
    [x.shape, weights.shape],
  );
}

function covariance(x: Tensor, options: CovarianceOptions = {}): Tensor {
  const { correction = 1, fweights, aweights } = options;
  checkFloating("cov", x);
  checkObservations("cov", x, fweights);
  checkObservations("cov", x, aweights);
  const rows = x.ndim === 2 ? x : reshapeTo(x, [1, x.size]);
  const count = rows.shape[1]!;
  const counts = fweights ? to(fweights, x.dtype) : null;
  const weights = counts && aweights ? mul(counts, aweights) : (counts ?? aweights ?? null);
  const total = weights ? sum(weights) : count;
  const weighted = (y: Tensor) => (weights ? mul(y, weights) : y);
  const centered = sub(rows, div(sum(weighted(rows), 1, { keepDim: true }), total));
  const product = matmul(weighted(centered), transposed(centered));
  const result = div(product, degrees(total, weights, aweights ?? null, correction));
  return x.ndim === 2 ? result : reshapeTo(result, []);
}

/** The divisor of the sums of products. */
function degrees(
  total: Tensor | number,
  weights: Tensor | null,
  aweights: Tensor | null,
  correction: number,
): Tensor | number {
  if (typeof total === "number") return Math.max(0, total - correction);
  if (weights === null || aweights === null || correction === 0) return clamp(sub(total, correction), 0);
  return clamp(sub(total, mul(div(sum(mul(weights, aweights)), total), correction)), 0);
}

/**
 * Covariances of the rows of a matrix, whose columns are observations: [variables, observations] -> [variables, variables]. A vector is
 * one variable, and gives its variance.
 *
 * @throws ShapeError when x has more than two dimensions, or there is not a weight for each observation; DTypeError for ints.
 * @example
 * cov(tensor([[0, 1, 2], [2, 1, 0]])).toArray(); // → [[1,-1],[-1,1]]
 */
export const cov = /* @__PURE__ */ composite(covariance, {
  name: "cov",
  takes: {
    x: tensor,
    options: options<CovarianceOptions>({
      correction: integer,
      fweights: maybeTensor,
      aweights: maybeTensor,
    }),
  },
  forward: ([x, aweights], correction: number) =>
    covariance(
      x as Tensor,
      aweights === undefined ? { correction } : { correction, aweights: aweights as Tensor },
    ),
  sample(draw: Draw) {
    const count = draw.int(2, 4);
    const x = { shape: draw.boolean() ? [count] : [draw.int(1, 3), count] };
    const weights = { shape: [count], domain: { min: 0.5, max: 0.75 } };
    return { inputs: draw.boolean() ? [x] : [x, weights], attrs: draw.int(0, 1) };
  },
  errors: [{ shapes: [[2, 2, 2]] }],
});

function correlation(x: Tensor): Tensor {
  const c = covariance(x);
  if (c.ndim === 0) return div(c, c);
  const deviation = sqrt(diagonal(c));
  return clamp(div(div(c, reshapeTo(deviation, [deviation.size, 1])), deviation), -1, 1);
}

/**
 * Correlation coefficients of the rows of a matrix, whose columns are observations: covariances divided by both deviations. NaN where a
 * row is constant.
 *
 * @throws ShapeError when x has more than two dimensions; DTypeError for ints.
 * @example
 * corrcoef(tensor([[0, 1, 2], [4, 2, 0]])).toArray(); // → [[1,-1],[-1,1]]
 */
export const corrcoef = /* @__PURE__ */ composite(correlation, {
  name: "corrcoef",
  takes: { x: tensor },
  forward: ([x]) => correlation(x as Tensor),
  // Rows of few numbers are often multiples of each other, where the correlation is at the edge of what it is limited to.
  sample: (draw: Draw) => ({
    inputs: [{ shape: [draw.int(2, 3), draw.int(6, 7)], domain: spreadOut }],
    attrs: undefined,
  }),
});
