import type { Backend } from "../../backend/backend";
import { normalizeDim } from "../../layout/shape";
import { MapProgram, ReduceProgram, trace } from "../../scalar/program";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { mul, sub } from "../map/arithmetic";
import { exp } from "../map/elementary";
import { allocate, kernelOp, type Op } from "../op";
import { sum } from "./sums";

interface Along {
  readonly dim: number;
}

const largest = new ReduceProgram(
  "max",
  "max",
  1,
  trace(1, (x) => x),
  trace(2, (value) => value),
);
const total = new ReduceProgram(
  "sum exp",
  "sum",
  2,
  trace(2, (x, top) => x.sub(top).exp()),
  trace(2, (v) => v),
);
const program = (name: string, body: Parameters<typeof trace>[1]) =>
  new MapProgram(name, 3, [trace(3, body)]);
const normalised = program("softmax", (x, top, s) => x.sub(top).exp().div(s!));
const logNormalised = program("logSoftmax", (x, top, s) => x.sub(top).sub(s!.log()));

/** Largest element and Σ e^(x - largest) along the dimension, then one pass that normalises. */
function normalise(backend: Backend, out: Tensor, x: Tensor, dim: number, last: MapProgram): void {
  if (x.size === 0) return;
  const lines = x.shape.with(dim, 1);
  const [top, scale] = [allocate(backend, lines), allocate(backend, lines)];
  backend.reduce(largest, top, [x], [dim]);
  const wide = (view: Tensor) => ({ storage: view.storage, layout: view.layout.expand(x.shape) });
  backend.reduce(total, scale, [x, wide(top)], [dim]);
  backend.map(last, [out], [x, wide(top), wide(scale)]);
}

function record(
  name: string,
  last: MapProgram,
  gradient: (y: Tensor, g: Tensor, dim: number) => Tensor,
): Op<Along> {
  return kernelOp<Along>({
    name,
    kind: "reduce",
    shape: ([shape]) => shape!,
    saves: { output: true },
    run: (backend, out, [x], { dim }) => normalise(backend, out, x!, dim, last),
    gradient: ({ output, grad, attrs }) => [gradient(output!, grad, attrs.dim)],
    sample(draw) {
      const shape = draw.shape(1, 3);
      return { inputs: [{ shape }], attrs: { dim: draw.int(0, shape.length - 1) } };
    },
    errors: [
      {
        shapes: [[2, 3]],
        args: [2],
        message: `${name}: dim 2 does not exist, the tensor has 2 dimensions; use a dim from -2 to 1`,
      },
    ],
  });
}

// y (g - Σ g y)
const softmaxOp = record("softmax", normalised, (y, g, dim) =>
  mul(y, sub(g, sum(mul(g, y), dim, { keepDim: true }))),
);

// g - eʸ Σ g
const logSoftmaxOp = record("logSoftmax", logNormalised, (y, g, dim) =>
  sub(g, mul(exp(y), sum(g, dim, { keepDim: true }))),
);

/** eˣ/Σeˣ along `dim`: positive numbers that add up to 1. */
export function softmax(x: Tensor, dim: number): Tensor {
  const d = normalizeDim("softmax", dim, x.ndim);
  return x.ndim === 0 ? exp(sub(x, x)) : apply(softmaxOp, [x], { dim: d });
}
softmax.op = softmaxOp;

/** log(softmax(x)) along `dim`, without overflow. */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  const d = normalizeDim("logSoftmax", dim, x.ndim);
  return x.ndim === 0 ? sub(x, x) : apply(logSoftmaxOp, [x], { dim: d });
}
logSoftmax.op = logSoftmaxOp;
