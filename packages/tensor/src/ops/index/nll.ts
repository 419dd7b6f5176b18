import type { Backend, Shape, View } from "@thalweg/kernels";
import { closeScope, Layout, LineProgram, MapProgram, openScope, runLines, trace } from "@thalweg/kernels";
import { arange } from "../../create";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { kernelOp } from "../define-op";
import { mul, sub } from "../map/arithmetic";
import { eq } from "../map/comparison";
import type { Op, OpSamples } from "../op";
import { allocate } from "../operands";
import { pointwise } from "../pointwise";
import { itself, logSoftmaxProgram, softmax } from "../reduce/softmax";
import { sum } from "../reduce/sums";
import type { SampleDrawer } from "../sample";
import { unsqueeze } from "../view/shape";
import { reshapeTo } from "../view/view";

interface Classes {
  /** What the user called, for errors. */
  readonly op: string;
  readonly dim: number;
  readonly ignoreIndex: number;
}

const known = /* @__PURE__ */ new MapProgram("nll", 2, [
  /* @__PURE__ */ trace(2, (target, ignored) => target.eq(ignored!).choose(0, target)),
]);
const loss = /* @__PURE__ */ new MapProgram("nll", 3, [
  /* @__PURE__ */ trace(3, (picked, target, ignored) => target.eq(ignored!).choose(0, picked.neg())),
]);

/** -g at the class of the target, unless that is to be ignored. */
const spread = /* @__PURE__ */ pointwise("nll'", (g, target, position, ignored) =>
  position.eq(target).mul(target.ne(ignored)).choose(g.neg(), 0),
);

/** Picks the losses of the targets from log-probabilities. */
function pick(
  backend: Backend,
  out: Tensor,
  x: Tensor,
  target: Tensor,
  { op, dim, ignoreIndex }: Classes,
): void {
  const [index, picked] = [allocate(backend, target.shape), allocate(backend, target.shape)];
  backend.map(known, [index], [target, ignoreIndex]);
  backend.gather(op, columnOf(picked, dim), x, dim, columnOf(index, dim));
  backend.map(loss, [out], [picked, target, ignoreIndex]);
}

/** A fresh tensor without the dimension of the classes, as if it had it. */
function columnOf({ storage, shape }: Tensor, dim: number): View {
  return { storage, layout: Layout.contiguous(shape.toSpliced(dim, 0, 1)) };
}

/** The numbers of the classes, along their dimension. */
function positionsOf(grad: Tensor, shape: Shape, dim: number): Tensor {
  const positions = arange(shape[dim]!, { dtype: grad.dtype, device: grad.device });
  return reshapeTo(
    positions,
    shape.map((extent, d) => (d === dim ? extent : 1)),
  );
}

const sampleClasses: SampleDrawer<Classes> = (draw) => {
  const shape = draw.shape(1, 3);
  const dim = draw.int(0, shape.length - 1);
  const target = { shape: shape.toSpliced(dim, 1), domain: { min: 0, max: shape[dim]! - 1, whole: true } };
  return { inputs: [{ shape }, target], attrs: { op: "nll", dim, ignoreIndex: draw.int(-1, 1) } };
};

const nllOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "nll",
  kind: "index",
  saves: { inputs: [1] },
  shape: ([, target]) => target!,
  run: (backend, out, [x, target], attrs) => pick(backend, out, x!, target!, attrs),
  gradient({ grad, inputs, shapes: [shape], attrs: { dim, ignoreIndex }, needs }) {
    if (!needs(0)) return [];
    const [g, target] = [unsqueeze(grad, dim), unsqueeze(inputs[1] as Tensor, dim)];
    return [spread(g, target, positionsOf(grad, shape!, dim), ignoreIndex)];
  },
});

export const nllSamples: OpSamples<Classes> = {
  op: nllOp,
  sample: sampleClasses,
};

/** The gradient of one loss where it counts. */
const counted = /* @__PURE__ */ pointwise("crossEntropy'", (g, target, ignored) =>
  target.eq(ignored).choose(0, g),
);

/** g (softmax(x) - [position = target]): inputs x, g, target and position. */
const entropyGradient = /* @__PURE__ */ new LineProgram(
  "crossEntropy'",
  4,
  [
    { combine: "peak", map: /* @__PURE__ */ trace(4, (x) => x), finish: itself },
    {
      combine: "sum",
      map: /* @__PURE__ */ trace(5, (x, _g, _t, _p, top) => x!.sub(top!).exp()),
      finish: itself,
      keep: true,
    },
  ],
  [
    /* @__PURE__ */ trace(7, (_x, g, target, position, _top, total, kept) =>
      kept!.mul(total!.reciprocal()).sub(position!.eq(target!)).mul(g!),
    ),
  ],
);

const entropyGradientOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "crossEntropy'",
  kind: "index",
  saves: { inputs: "all" },
  shape: ([x]) => x!,
  run(backend, out, [x, g, target], { dim }) {
    const wide = (of: Tensor) => ({ storage: of.storage, layout: of.layout.expand(out.shape) });
    const [weight, index] = [unsqueeze(g!.detach(), dim), unsqueeze(target!.detach(), dim)];
    const inputs = [x!, wide(weight), wide(index), wide(positionsOf(g!, out.shape, dim))];
    runLines(backend, entropyGradient, [out], inputs, dim);
  },
  gradient({ grad, inputs, attrs: { dim }, needs }) {
    const [x, g, target] = inputs as [Tensor, Tensor, Tensor];
    const y = softmax(x, dim);
    const toX = () => {
      const weighted = mul(mul(grad, unsqueeze(g, dim)), y);
      return sub(weighted, mul(y, sum(weighted, dim, { keepDim: true })));
    };
    const toG = () => {
      const hits = eq(positionsOf(grad, x.shape, dim), unsqueeze(target, dim));
      return sum(mul(grad, sub(y, hits)), dim);
    };
    return [needs(0) ? toX() : null, needs(1) ? toG() : null];
  },
});

export const entropyGradientSamples: OpSamples<Classes> = {
  op: entropyGradientOp,
  sample(draw) {
    const { inputs, attrs } = sampleClasses(draw);
    const [x, target] = inputs;
    return { inputs: [x!, { shape: target!.shape }, target!], attrs };
  },
};

const entropyOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "crossEntropy",
  kind: "index",
  saves: { inputs: "all" },
  shape: ([, target]) => target!,
  run(backend, out, [x, target], attrs) {
    const mark = openScope();
    try {
      const y = allocate(backend, x!.shape);
      runLines(backend, logSoftmaxProgram, [y], [x!], attrs.dim);
      pick(backend, out, y, target!, attrs);
    } finally {
      closeScope(mark);
    }
  },
  gradient({ grad, inputs, attrs, needs }) {
    if (!needs(0)) return [];
    const [x, target] = inputs as [Tensor, Tensor];
    return [apply(entropyGradientOp, [x, counted(grad, target, attrs.ignoreIndex), target], attrs)];
  },
});

export const entropySamples: OpSamples<Classes> = {
  op: entropyOp,
  sample: sampleClasses,
};

/**
 * -x at the class that `target` names, along `dim`, and 0 where that is `ignoreIndex`: the part of
 * a classification loss that comes after {@link logSoftmax}. The target has the shape of `x` without `dim`;
 * `op` is named in errors.
 *
 * @throws IndexError when a target is no class.
 */
export function negativeLogLikelihood(x: Tensor, target: Tensor, attrs: Classes): Tensor {
  return apply(nllOp, [x, target], attrs);
}

/**
 * {@link negativeLogLikelihood} of log(softmax(x)) as one operation, whose gradient is one pass over `x`.
 *
 * @throws IndexError when a target is no class.
 */
export function softmaxCrossEntropy(x: Tensor, target: Tensor, attrs: Classes): Tensor {
  return apply(entropyOp, [x, target], attrs);
}
