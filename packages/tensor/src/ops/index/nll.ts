import { arange } from "../../create";
import { Layout } from "../../layout/layout";
import { MapProgram, trace } from "../../scalar/program";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { allocate, kernelOp, type Op } from "../op";
import { pointwise } from "../pointwise";
import { reshapeTo } from "../view/view";

interface Classes {
  /** What the user called, for errors. */
  readonly op: string;
  readonly dim: number;
  readonly ignoreIndex: number;
}

const known = /* @__PURE__ */ new MapProgram("nll", 2, [
  trace(2, (target, ignored) => target.eq(ignored!).where(0, target)),
]);
const loss = /* @__PURE__ */ new MapProgram("nll", 3, [
  /* @__PURE__ */ trace(3, (picked, target, ignored) => target.eq(ignored!).where(0, picked.neg())),
]);

/** -g at the class of the target, unless that is to be ignored. */
const spread = /* @__PURE__ */ pointwise("nll'", (g, target, position, ignored) =>
  position.eq(target).mul(target.ne(ignored)).where(g.neg(), 0),
);

const nllOp: Op<Classes> = /* @__PURE__ */ kernelOp<Classes>({
  name: "nll",
  kind: "index",
  saves: { inputs: [1] },
  shape: ([, target]) => target!,
  run(backend, out, [x, target], { op, dim, ignoreIndex }) {
    const [index, picked] = [allocate(backend, target!.shape), allocate(backend, target!.shape)];
    backend.map(known, [index], [target!, ignoreIndex]);
    const column = (of: Tensor) => ({
      storage: of.storage,
      layout: Layout.contiguous(of.shape.toSpliced(dim, 0, 1)),
    });
    backend.gather(op, column(picked), x!, dim, column(index));
    backend.map(loss, [out], [picked, target!, ignoreIndex]);
  },
  gradient({ grad, inputs, shapes: [shape], attrs: { dim, ignoreIndex }, needs }) {
    if (!needs(0)) return [];
    const column = (x: Tensor) => reshapeTo(x, x.shape.toSpliced(dim, 0, 1));
    const { dtype, device } = grad;
    const positions = arange(shape![dim]!, { dtype, device });
    const position = reshapeTo(
      positions,
      shape!.map((extent, d) => (d === dim ? extent : 1)),
    );
    return [spread(column(grad), column(inputs[1] as Tensor), position, ignoreIndex)];
  },
  sample(draw) {
    const shape = draw.shape(1, 3);
    const dim = draw.int(0, shape.length - 1);
    const target = { shape: shape.toSpliced(dim, 1), domain: { min: 0, max: shape[dim]! - 1, whole: true } };
    return { inputs: [{ shape }, target], attrs: { op: "nll", dim, ignoreIndex: draw.int(-1, 1) } };
  },
});

/**
 * -x at the class that `target` names, along `dim`, and 0 where that is `ignoreIndex`: the part of
 * a classification loss that comes after {@link logSoftmax}. The target has the shape of `x` without `dim`;
 * `op` is named in errors.
 *
 * @throws IndexError when a target is no class.
 * @internal
 */
export function negativeLogLikelihood(x: Tensor, target: Tensor, attrs: Classes): Tensor {
  return apply(nllOp, [x, target], attrs);
}
