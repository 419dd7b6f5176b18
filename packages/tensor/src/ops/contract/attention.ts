import {
  broadcastShapes,
  expandsTo,
  formatShape,
  isFloating,
  type Shape,
  ShapeError,
} from "@thalweg/kernels";
import { maybeTensor, tensor } from "../../kinds";
import { bernoulli, type Generator, generatorKind } from "../../random";
import { boolean, options, probability, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { add, div, mul } from "../map/arithmetic";
import { maskedFill } from "../map/choice";
import { eq, gt, logicalOr } from "../map/comparison";
import { positionsAlong } from "../positions";
import { softmax } from "../reduce/softmax";
import type { Draw } from "../sample";
import { matmul, transposed } from "./matmul";

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /**
   * Broadcastable to [..., queries, keys]. A mask of type bool or int32 is nonzero where a query sees a key. A floating
   * mask is added to the scores. A query that sees no key, or has only -∞, gets zeros. Every query sees every key unless
   * given.
   */
  readonly mask?: Tensor | null;
  /** Added to the scores, and to a floating `mask`, for which it is another name; nothing unless given. */
  readonly bias?: Tensor | null;
  /** Whether query i sees keys 0 to i only; false unless given. */
  readonly isCausal?: boolean;
  /** Factor of the scores; 1/√(width of the keys) unless given. */
  readonly scale?: number;
  /**
   * Probability of 0 for each weight; the others are divided by 1 - `dropoutP`. 0 unless given. It is for training: this function
   * does not know in which mode a module is.
   */
  readonly dropoutP?: number;
  /** The source of random numbers of `dropoutP`; the default generator unless given. */
  readonly generator?: Generator;
}

const op = "scaledDotProductAttention";

function check(q: Tensor, k: Tensor, v: Tensor): Shape {
  const refuse = (problem: string, remedy: string) =>
    new ShapeError(op, problem, remedy, [q.shape, k.shape, v.shape]);
  const texts = [q, k, v].map((x) => formatShape(x.shape));
  if (Math.min(q.ndim, k.ndim, v.ndim) < 2) {
    throw refuse(
      `queries, keys and values need two dimensions, ${texts.join(", ")}`,
      "the last two are [positions, width]",
    );
  }
  if (q.shape.at(-1) !== k.shape.at(-1)) {
    throw refuse(
      `queries and keys differ in width, ${texts[0]} and ${texts[1]}`,
      "project them to one width",
    );
  }
  if (k.shape.at(-2) !== v.shape.at(-2)) {
    throw refuse(
      `keys and values differ in number, ${texts[1]} and ${texts[2]}`,
      "every key needs its value",
    );
  }
  const lead = (x: Tensor): Shape => x.shape.slice(0, -2);
  const [a, b, c] = [lead(q), lead(k), lead(v)];
  if (!broadcasts(a, b) || !broadcasts(broadcastShapes(op, [a, b]), c)) {
    throw refuse(`leading dimensions do not broadcast, ${texts.join(", ")}`, "they must be equal, or 1");
  }
  const batch = broadcastShapes(op, [a, b, c]);
  return [...batch, q.shape.at(-2)!, k.shape.at(-2)!];
}

function broadcasts(a: Shape, b: Shape): boolean {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, d: number) => shape[shape.length - rank + d] ?? 1;
  return Array.from({ length: rank }, (_, d) => [at(a, d), at(b, d)]).every(
    ([m, n]) => m === n || m === 1 || n === 1,
  );
}

function checkFits(what: string, given: Tensor, scores: Shape): void {
  if (expandsTo(given.shape, scores)) return;
  throw new ShapeError(
    op,
    `the ${what} does not fit, ${formatShape(given.shape)} and scores ${formatShape(scores)}`,
    "it must broadcast to [..., queries, keys]",
    [given.shape, scores],
  );
}

function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { isCausal = false, scale } = options;
  const shape = check(q, k, v);
  if (options.mask) checkFits("mask", options.mask, shape);
  if (options.bias) checkFits("bias", options.bias, shape);
  const { mask, bias } = byType(options);
  const width = q.shape.at(-1)!;
  // The queries are usually smaller than the scores, so they are scaled.
  let scores = matmul(mul(q, scale ?? 1 / Math.sqrt(width)), transposed(k));
  if (bias) scores = add(scores, bias);
  const unseen = either(
    mask ? eq(mask.detach(), 0) : null,
    bias ? eq(bias.detach(), Number.NEGATIVE_INFINITY) : null,
  );
  const hidden = either(unseen, isCausal ? future(q, shape) : null);
  return matmul(dropped(weightsOf(scores, hidden, unseen !== null), options), v);
}

/** The share of each key that a query sees. */
function weightsOf(scores: Tensor, hidden: Tensor | null, canHideAll: boolean): Tensor {
  if (hidden === null) return softmax(scores, -1);
  const weights = softmax(maskedFill(scores, hidden, Number.NEGATIVE_INFINITY), -1);
  // Softmax is NaN where all keys are hidden. Only a mask or a bias can hide all of them.
  return canHideAll ? maskedFill(weights, hidden, 0) : weights;
}

function dropped(weights: Tensor, { dropoutP = 0, generator }: AttentionOptions): Tensor {
  if (dropoutP === 0) return weights;
  if (dropoutP === 1) return mul(weights, 0);
  const { shape, dtype, device } = weights;
  const kept = bernoulli(shape, 1 - dropoutP, { dtype, device, ...(generator && { generator }) });
  return mul(weights, div(kept, 1 - dropoutP));
}

/** Sorts the mask by its type: it either hides keys or is added. */
function byType({ mask, bias }: AttentionOptions): { mask: Tensor | null; bias: Tensor | null } {
  if (!mask || !isFloating(mask.dtype)) return { mask: mask ?? null, bias: bias ?? null };
  return { mask: null, bias: bias ? add(mask, bias) : mask };
}

function either(a: Tensor | null, b: Tensor | null): Tensor | null {
  return a && b ? logicalOr(a, b) : (a ?? b);
}

/** Where the key comes after the query, of scores [..., queries, keys]: [queries, keys], on the device of `x`. */
export function future(x: Tensor, scores: Shape): Tensor {
  const shape = scores.slice(-2);
  return gt(positionsAlong(x, shape, 1), positionsAlong(x, shape, 0));
}

/**
 * softmax(q·kᵀ·scale)·v (Vaswani et al., 2017): queries [..., l, e], keys [..., s, e], values [..., s, w] -> [..., l, w].
 * Leading dimensions broadcast. `mask` and `isCausal` hide keys from queries.
 *
 * @throws ShapeError when widths, numbers, leading dimensions or the mask do not fit.
 * @example
 * const [q, k, v] = [tensor([[0], [0]]), tensor([[1], [2]]), tensor([[4], [8]])];
 * scaledDotProductAttention(q, k, v).toArray(); // → [[6],[6]]
 * scaledDotProductAttention(q, k, v, { isCausal: true }).toArray(); // → [[4],[6]]
 */
export const scaledDotProductAttention = /* @__PURE__ */ composite(attention, {
  name: "scaledDotProductAttention",
  takes: {
    q: tensor,
    k: tensor,
    v: tensor,
    options: options<AttentionOptions>({
      mask: maybeTensor,
      bias: maybeTensor,
      isCausal: boolean,
      scale: real,
      dropoutP: probability,
      generator: generatorKind,
    }),
  },
  forward: ([q, k, v, extra], { uses, ...options }: AttentionCall) =>
    attention(q as Tensor, k as Tensor, v as Tensor, {
      ...options,
      ...(uses === "nothing" ? {} : { [uses]: extra as Tensor }),
    }),
  sample(draw: Draw) {
    const [queries, keys, width] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    const batch = draw.shape(0, 2);
    const uses = draw.pick(["nothing", "mask", "bias"] as const);
    const extra = {
      shape: [...(draw.boolean() ? batch : []), draw.boolean() ? queries : 1, keys],
      ...(uses === "mask" ? { domain: { min: 0, max: 1, whole: true } } : {}),
    };
    const inputs = [
      { shape: [...batch, queries, width] },
      { shape: [...batch, keys, width] },
      { shape: [...(draw.boolean() ? batch : []), keys, draw.int(1, 2)] },
    ];
    const attrs = { uses, isCausal: draw.boolean(), ...(draw.boolean() ? { scale: 0.5 } : {}) };
    return { inputs: uses === "nothing" ? inputs : [...inputs, extra], attrs };
  },
  errors: [
    { shapes: [[3], [3], [3]] },
    {
      shapes: [
        [2, 3],
        [2, 4],
        [2, 3],
      ],
    },
    {
      shapes: [
        [2, 3],
        [4, 3],
        [2, 3],
      ],
    },
    {
      shapes: [
        [2, 2, 3],
        [3, 4, 3],
        [4, 3],
      ],
    },
  ],
});

interface AttentionCall {
  readonly uses: "nothing" | "mask" | "bias";
  readonly isCausal: boolean;
  readonly scale?: number;
}
