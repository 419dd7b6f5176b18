import { argScan as argScanOnCpu } from "@thalweg/cpu/internal";
import { normalizeDim, runHost } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { number, operation } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { composite, kernelOp, noGradient } from "../define-op";
import { gatherOp } from "../index/gather";
import type { Sorted } from "../index/sort";
import { add, sub } from "../map/arithmetic";
import { where } from "../map/choice";
import { clone } from "../map/clone";
import { isFinite } from "../map/comparison";
import { exp, log } from "../map/elementary";
import { clamp } from "../map/rounding";
import type { Op } from "../op";
import type { Draw } from "../sample";
import { checkFloating } from "../types";
import { reshapeTo } from "../view/reshape";
import { recurrence, shift } from "./recurrence";

interface SoFar {
  readonly kind: "max" | "min";
  readonly dim: number;
}

const argScanOp: Op<SoFar> = /* @__PURE__ */ kernelOp<SoFar>({
  name: "argScan",
  kind: "reduce",
  types: { any: true, result: "int32" },
  differentiable: false,
  shape: ([shape]) => shape!,
  run(backend, out, [x], { kind, dim }) {
    if (out.size === 0) return;
    runHost(backend, `cum${kind}`, [out], [x!], ([to], [from]) => {
      if (backend.argScan) backend.argScan(kind, to!, from!, dim);
      else argScanOnCpu(kind, to!, from!, dim);
    });
  },
  sample(draw) {
    const shape = draw.shape(1, 3);
    return {
      inputs: [{ shape, domain: { min: -2, max: 2, whole: true } }],
      attrs: { kind: draw.pick(["max", "min"] as const), dim: draw.int(0, shape.length - 1) },
    };
  },
  gradient: noGradient,
});

const extremeSoFar = (op: string, kind: "max" | "min") =>
  operation(op, { x: tensor, dim: number }, (x: Tensor, dim: number): Sorted => {
    const d = normalizeDim(op, dim, x.ndim);
    const line = x.ndim === 0 ? reshapeTo(x, [1]) : x;
    const indices = apply(argScanOp, [line], { kind, dim: d });
    const values = apply(gatherOp, [line, indices], { op, dim: d });
    return { values: reshapeTo(values, x.shape), indices: reshapeTo(indices, x.shape) };
  });

/**
 * The largest elements so far along `dim`, and their positions: the last of equal ones, which takes the gradient. From the first NaN on,
 * all are NaN.
 *
 * @example
 * cummax(tensor([1, 3, 2]), 0).values.toArray(); // → [1,3,3]
 */
export const cummax = /* @__PURE__ */ extremeSoFar("cummax", "max");

/** The smallest elements so far along `dim`, and their positions; otherwise like {@link cummax}. */
export const cummin = /* @__PURE__ */ extremeSoFar("cummin", "min");

function logOfSums(x: Tensor, dim: number): Tensor {
  checkFloating("logcumsumexp", x);
  const d = normalizeDim("logcumsumexp", dim, x.ndim);
  if (x.ndim === 0) return clone(x);
  const top = cummax(x.detach(), d).values;
  const base = where(isFinite(top), top, 0);
  // Sums relative to the largest element so far: it is a term, so they are neither too large nor too small.
  const decay = exp(clamp(sub(shift(base, d, 1, 0), base), null, 0));
  const sums = apply(recurrence, [decay, exp(sub(x, base))], { dim: d });
  return add(log(sums), base);
}

/**
 * log Σ eˣ over the elements so far along `dim`, without overflow.
 *
 * @throws DTypeError for ints.
 */
export const logcumsumexp = /* @__PURE__ */ composite(logOfSums, {
  name: "logcumsumexp",
  takes: { x: tensor, dim: number },
  forward: ([x], dim: number) => logOfSums(x as Tensor, dim),
  sample(draw: Draw) {
    const shape = draw.shape(1, 3);
    return { inputs: [{ shape }], attrs: draw.int(0, shape.length - 1) };
  },
  errors: [{ shapes: [[2, 3]], args: [2] }],
});
