import { formatShape, normalizeDim, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { atLeastZero, boolean, number, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { add, div, mul, sub } from "../map/arithmetic";
import { clamp } from "../map/rounding";
import { norm } from "../reduce/norms";
import { sum } from "../reduce/sums";
import { broadcastable, type Domain, type Draw } from "../sample";
import { unsqueeze } from "../view/shape";

/** Norms are smooth and far from 0. */
const away: Domain = { min: 0.5, max: 2 };
const below: Domain = { min: -2, max: -0.5 };

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** Order of the norm; 2 unless given. */
  readonly p?: number;
  /** The dimension of the vectors; 1 unless given. */
  readonly dim?: number;
  /** The smallest divisor; 1e-12 unless given. */
  readonly eps?: number;
}

function normalized(x: Tensor, { p = 2, dim = 1, eps = 1e-12 }: NormalizeOptions = {}): Tensor {
  normalizeDim("normalize", dim, x.ndim);
  return div(x, clamp(norm(x, dim, { p, keepDim: true }), eps));
}

/**
 * Divides vectors along a dimension by their norms, but by `eps` at least.
 *
 * @example
 * normalize(tensor([[3, 4]]), { p: 1 }).mul(7).toArray(); // → [[3,4]]
 */
export const normalize = /* @__PURE__ */ composite(normalized, {
  name: "normalize",
  takes: { x: tensor, options: options<NormalizeOptions>({ p: real, dim: number, eps: real }) },
  forward: ([x], options: NormalizeOptions) => normalized(x as Tensor, options),
  sample(draw) {
    const shape = draw.shape(1, 3);
    const [p, dim] = [draw.pick([1, 2, 3]), draw.int(0, shape.length - 1)];
    return { inputs: [{ shape, domain: away }], attrs: { p, dim } };
  },
  errors: [{ shapes: [[2]] }],
});

/** Options of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The dimension of the vectors; 1 unless given. */
  readonly dim?: number;
  /** The smallest norm; 1e-8 unless given. */
  readonly eps?: number;
}

function cosines(a: Tensor, b: Tensor, { dim = 1, eps = 1e-8 }: CosineSimilarityOptions = {}): Tensor {
  // The same dimension of both, also where one has fewer.
  const d = normalizeDim("cosineSimilarity", dim, Math.max(a.ndim, b.ndim)) - Math.max(a.ndim, b.ndim);
  const unit = (x: Tensor) => div(x, clamp(norm(x, d, { keepDim: true }), eps));
  return sum(mul(unit(a), unit(b)), d);
}

/**
 * Cosine of the angle between vectors along a dimension. The operands broadcast.
 *
 * @example
 * cosineSimilarity(tensor([[1, 0]]), tensor([[0, 5]])).toArray(); // → [0]
 */
export const cosineSimilarity = /* @__PURE__ */ composite(cosines, {
  name: "cosineSimilarity",
  takes: { a: tensor, b: tensor, options: options<CosineSimilarityOptions>({ dim: number, eps: real }) },
  forward: ([a, b], options: CosineSimilarityOptions) => cosines(a as Tensor, b as Tensor, options),
  sample(draw) {
    const shape = draw.shape(1, 3);
    return {
      inputs: [
        { shape, domain: away },
        { shape, domain: away },
      ],
      attrs: { dim: draw.int(0, shape.length - 1) },
    };
  },
  errors: [
    {
      shapes: [
        [2, 3],
        [2, 4],
      ],
    },
    { shapes: [[2], [2]] },
  ],
});

/** Options of {@link pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** Order of the norm; 2 unless given. */
  readonly p?: number;
  /** Added to every difference; 1e-6 unless given. */
  readonly eps?: number;
  /** Whether the result keeps the last dimension, with extent 1; false unless given. */
  readonly keepDim?: boolean;
}

function distances(a: Tensor, b: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  const { p = 2, eps = 1e-6, keepDim = false } = options;
  return norm(add(sub(a, b), eps), -1, { p, keepDim });
}

/** The norm of a - b + `eps` along the last dimension. The operands broadcast. */
export const pairwiseDistance = /* @__PURE__ */ composite(distances, {
  name: "pairwiseDistance",
  takes: {
    a: tensor,
    b: tensor,
    options: options<PairwiseDistanceOptions>({ p: real, eps: real, keepDim: boolean }),
  },
  forward: ([a, b], options: PairwiseDistanceOptions) => distances(a as Tensor, b as Tensor, options),
  sample(draw) {
    const [first, second] = broadcastable(draw, 2);
    const attrs = { p: draw.pick([1, 2, 3]), keepDim: draw.boolean() };
    return {
      inputs: [
        { shape: first!, domain: away },
        { shape: second!, domain: below },
      ],
      attrs,
    };
  },
  errors: [
    {
      shapes: [
        [2, 3],
        [2, 4],
      ],
    },
  ],
});

/** Options of {@link cdist}. */
export interface CdistOptions {
  /** Order of the norm, from 0 on; 2 unless given. */
  readonly p?: number;
}

function tableOfDistances(a: Tensor, b: Tensor, { p = 2 }: CdistOptions = {}): Tensor {
  if (a.ndim < 2 || b.ndim < 2 || a.shape.at(-1) !== b.shape.at(-1)) {
    throw new ShapeError(
      "cdist",
      `rows differ or are missing, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "pass [..., n, d] and [..., m, d]",
      [a.shape, b.shape],
    );
  }
  return norm(sub(unsqueeze(a, -2), unsqueeze(b, -3)), -1, { p });
}

/**
 * Distances between the rows of two matrices: [..., n, d] and [..., m, d] -> [..., n, m]; the other dimensions broadcast. The gradient is 0
 * where a distance is 0. All differences are in memory at once.
 *
 * @throws ShapeError when the rows differ in length.
 * @example
 * cdist(tensor([[0, 0]]), tensor([[3, 4], [0, 1]])).toArray(); // → [[5,1]]
 */
export const cdist = /* @__PURE__ */ composite(tableOfDistances, {
  name: "cdist",
  takes: { a: tensor, b: tensor, options: options<CdistOptions>({ p: atLeastZero }) },
  forward: ([a, b], options: CdistOptions) => tableOfDistances(a as Tensor, b as Tensor, options),
  sample(draw: Draw) {
    const [batch, d] = [draw.shape(0, 1), draw.int(1, 3)];
    return {
      inputs: [
        { shape: [...batch, draw.int(1, 3), d], domain: away },
        { shape: [...batch, draw.int(1, 3), d], domain: below },
      ],
      attrs: { p: draw.pick([1, 2, 3]) },
    };
  },
  errors: [
    {
      shapes: [
        [2, 3],
        [2, 4],
      ],
    },
    { shapes: [[3], [2, 3]] },
  ],
});
