import type { Shape } from "@thalweg/kernels";
import { normalizeDim, runKernel } from "@thalweg/kernels";
import { full } from "../../create";
import { tensor } from "../../kinds";
import { number, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { to } from "../cast";
import { kernelOp } from "../define-op";
import { mul } from "../map/arithmetic";
import { clone } from "../map/clone";
import type { Op, OpSamples } from "../op";
import { embed, sliceOp } from "../view/view";

export interface Along {
  readonly dim: number;
}

/**
 * yᵢ = aᵢ·yᵢ₋₁ + bᵢ along a dimension, from y₋₁ = 0. Running sums and products are special cases. So is the gradient:
 * tᵢ = gᵢ + aᵢ₊₁·tᵢ₊₁, run backwards, with b' = t and a'ᵢ = tᵢ·yᵢ₋₁. It divides by nothing, so zeros need no care, and
 * it can be differentiated to every order.
 */
export const recurrence: Op<Along> = kernelOp<Along>({
  name: "recurrence",
  kind: "reduce",
  types: { any: true },
  shape: ([a]) => a!,
  saves: { inputs: [0], output: true },
  run: (backend, out, [a, b], { dim }) => runKernel(backend, "scan", out, a!, b!, dim),
  gradient({ grad, inputs, output, attrs: { dim }, needs }) {
    const factors = shift(inputs[0] as Tensor, dim, -1, 0);
    const t = reverse(apply(recurrence, [reverse(factors, dim), reverse(grad, dim)], { dim }), dim);
    return [needs(0) ? mul(t, shift(output!, dim, 1, 0)) : null, t];
  },
});

export const recurrenceSamples: OpSamples<Along> = {
  op: recurrence,
  sample(draw) {
    const shape = draw.shape(1, 3);
    return { inputs: [{ shape }, { shape }], attrs: { dim: draw.int(0, shape.length - 1) } };
  },
};

function reverse(x: Tensor, dim: number): Tensor {
  const length = x.shape[dim]!;
  return apply(sliceOp, [x], { dim, start: Math.max(0, length - 1), length, step: -1 });
}

/** Shifts elements by one along `dim`, in either direction, and fills the gap. */
export function shift(x: Tensor, dim: number, by: 1 | -1, fill: number): Tensor {
  const length = Math.max(0, x.shape[dim]! - 1);
  const kept = apply(sliceOp, [x], { dim, start: by === 1 ? 0 : Math.min(1, length), length, step: 1 });
  return embed(kept, x.shape, { dim, start: by === 1 ? Math.min(1, length) : 0, length, step: 1 }, fill);
}

/** For each element along the last dimension, the product of all others. */
export function exclusiveProducts(x: Tensor): Tensor {
  const dim = x.ndim - 1;
  const first = firstOnly(x, dim, filled(x, x.shape.with(dim, Math.min(1, x.shape[dim]!)), 1));
  const before = (y: Tensor) => apply(recurrence, [shift(y, dim, 1, 1), first], { dim });
  return mul(before(x), reverse(before(reverse(x, dim)), dim));
}

/** `head` at the start of `dim`, zeros after it. */
function firstOnly(x: Tensor, dim: number, head: Tensor): Tensor {
  return embed(head, x.shape, { dim, start: 0, length: head.shape[dim]!, step: 1 }, 0);
}

function filled(like: Tensor, shape: Shape, value: number): Tensor {
  return full(shape, value, { dtype: like.dtype, device: like.device });
}

/** Converts bool to int32, so that conditions are counted. */
function counted(x: Tensor): Tensor {
  return x.dtype === "bool" ? to(x, "int32") : x;
}

/** Cumulative sum along `dim`. */
export const cumsum = operation("cumsum", { x: tensor, dim: number }, (x: Tensor, dim: number): Tensor => {
  const d = normalizeDim("cumsum", dim, x.ndim);
  const terms = counted(x);
  if (x.ndim === 0) return clone(terms);
  return apply(recurrence, [filled(terms, x.shape, 1), terms], { dim: d });
});

/** Cumulative product along `dim`. */
export const cumprod = operation("cumprod", { x: tensor, dim: number }, (x: Tensor, dim: number): Tensor => {
  const d = normalizeDim("cumprod", dim, x.ndim);
  const factors = counted(x);
  if (x.ndim === 0) return clone(factors);
  const head = apply(sliceOp, [factors], { dim: d, start: 0, length: Math.min(1, x.shape[d]!), step: 1 });
  return apply(recurrence, [factors, firstOnly(factors, d, head)], { dim: d });
});
